/** What the systemd target says, before it is text. */

/** A setting: a directive and its value, already quoted. */
export interface Setting {
  readonly name: string;
  readonly value: string;
}

/** A section of a unit file. */
export interface UnitSection {
  readonly name: "Unit" | "Service" | "Socket" | "Install";
  readonly settings: readonly Setting[];
}

/** A unit file. */
export interface UnitFile {
  readonly path: string;
  readonly sections: readonly UnitSection[];
}

/** All files of one server. */
export interface SystemdModel {
  readonly units: readonly UnitFile[];
  /** Lines of a tmpfiles.d file: the empty directory that becomes the root. */
  readonly tmpfiles: readonly string[];
  /** The `systemd-run` form, where no value needs quoting. */
  readonly run?: readonly string[];
}
