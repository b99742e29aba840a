// What the reader typed and chose, by the place where the blocks stand: it outlives a change of those blocks where the ids stay.

const places = new Map();

/** By block and action, as a gesture takes it. */
export const enteredIn = (key) => places.get(key) ?? {};

export const entered = (key, block, action) => enteredIn(key)[block]?.[action];

export const enter = (key, block, action, value) => {
  const values = enteredIn(key);
  places.set(key, { ...values, [block]: { ...values[block], [action]: value } });
};
