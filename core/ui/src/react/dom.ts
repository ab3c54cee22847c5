/** All that React's renderer takes from `react-dom`: a record that it fills. Portals and preloading, which the pages do not use, are left out.
 * The name is React's own, of the version that package.json pins. */
const noop = (): void => undefined;

export const __DOM_INTERNALS_DO_NOT_USE_OR_WARN_USERS_THEY_CANNOT_UPGRADE = { d: { f: noop, r: noop, D: noop, C: noop, L: noop, m: noop, X: noop, S: noop, M: noop }, p: 0, findDOMNode: null };
