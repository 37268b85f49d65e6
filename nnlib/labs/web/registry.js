// Looking a name up in a registry. Registries are plain objects; a name that is not in one is
// answered in the same words everywhere: which name, what it should have been, what is allowed.

/**
 * Return `registry[name]`.
 * @template T
 * @param {Object<string, T>} registry
 * @param {string} name
 * @param {string} kind what is looked up, for the error: "activation", "loss", …
 * @returns {T}
 */
export function lookup(registry, name, kind) {
  if (typeof name === "string" && Object.hasOwn(registry, name)) return registry[name];
  throw new Error(`unknown ${kind} ${JSON.stringify(name)}. Known: ${Object.keys(registry).join(", ")}.`);
}
