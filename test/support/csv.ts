/** The fields of one CSV record, RFC 4180: what docker splits the value of `--mount` by. */
export function csvFields(record: string): readonly string[] {
  const fields: string[] = [];
  for (let at = 0; at <= record.length; ) {
    if (record.charAt(at) !== '"') {
      const comma = record.indexOf(",", at);
      const end = comma === -1 ? record.length : comma;
      fields.push(record.slice(at, end));
      at = end + 1;
      continue;
    }
    let field = "";
    at++;
    while (at < record.length) {
      const c = record.charAt(at++);
      if (c !== '"') field += c;
      else if (record.charAt(at) === '"') {
        field += '"';
        at++;
      } else break;
    }
    fields.push(field);
    at++;
  }
  return fields;
}
