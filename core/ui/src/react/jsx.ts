/** How elements are made, as a module that a bundler can name shortly. `jsx` and `jsxs` are the same in a built React. Text of others
 * cannot reorder what stands around it, and hides no letter: such marks are written out, as on a terminal. */
import * as runtime from "react/jsx-runtime";

// Marks that reorder text, and letters without width, but those that join letters.
const ODD = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

export const writtenOut = (text: string): string => text.replace(ODD, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The same children where nothing in them is odd. */
function harmless(child: unknown): unknown {
  if (typeof child === "string") return writtenOut(child);
  if (!Array.isArray(child)) return child;
  const told = child.map(harmless);
  return told.some((one, at) => one !== child[at]) ? told : child;
}

export const jsx: typeof runtime.jsx = (type, props, key) => {
  const given = props as { children?: unknown };
  const told = harmless(given.children);
  return runtime.jsx(type, told === given.children ? props : { ...given, children: told }, key);
};
export { jsx as jsxs };
export const Fragment = runtime.Fragment;
