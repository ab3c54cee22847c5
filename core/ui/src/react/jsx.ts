/** How elements are made, as a module that a bundler can name shortly. `jsx` and `jsxs` are the same in a built React. */
import * as runtime from "react/jsx-runtime";

export const jsx = runtime.jsx;
export { jsx as jsxs };
export const Fragment = runtime.Fragment;
