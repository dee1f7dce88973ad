/** Chevrotain 13 calls `Object.groupBy`, which Node 20 lacks. To be deleted when Node 20 is no longer supported. */
type GroupBy = (items: Iterable<unknown>, keyOf: (item: unknown, index: number) => PropertyKey) => object;

const holder = Object as unknown as { groupBy?: GroupBy };

holder.groupBy ??= (items, keyOf) => {
  const groups = Object.create(null) as Record<PropertyKey, unknown[]>;
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index++);
    groups[key] ??= [];
    groups[key].push(item);
  }
  return groups;
};
