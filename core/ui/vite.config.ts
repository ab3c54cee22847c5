import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const here = (path: string) => fileURLToPath(new URL(`src/react/${path}.ts`, import.meta.url));
const OWN: Record<string, string> = { "react/jsx-runtime": here("jsx"), "react-dom": here("dom") };

/** Two small modules in the place of React's own, which a bundler cannot shorten: see there. */
const ownReact: Plugin = {
  name: "own-react",
  apply: "build",
  enforce: "pre",
  resolveId: (source, importer) => (importer === OWN[source] ? null : (OWN[source] ?? null)),
};

/** Fields of React's own records, which nobody outside of its renderer reads: they are shortened. A name of a later version that is not here
 * stays as it is. */
const FIELDS = [
  "memoizedState", "memoizedProps", "pendingProps", "updateQueue", "stateNode", "alternate", "sibling", "subtreeFlags", "childLanes", "containerInfo",
  "_fragmentFiber", "dehydrated", "isDehydrated", "pendingLanes", "suspendedLanes", "pingedLanes", "warmLanes", "entangledLanes", "baseLanes", "retryLane",
  "revertLane", "entanglements", "baseState", "baseQueue", "firstBaseUpdate", "lastBaseUpdate", "cachePool", "pooledCache", "memoCache", "elementType",
  "deletions", "callbackNode", "callbackPriority", "hiddenCallbacks", "unsuspend", "blockedOn", "cancelPendingCommit", "timeoutHandle", "refCleanup",
  "lastEffect", "tailMode", "hasEagerState", "eagerState", "lastRenderedReducer", "lastRenderedState", "retryQueue", "firstContext", "treeContext",
  "pendingContext", "hydrationErrors", "attachedListener", "optionsOrUseCapture", "_eventListeners", "_visibility", "_pendingVisibility", "_retryCache",
  "__reactViewTransition",
];

// Relative addresses: the pages work under any base path of a reverse proxy.
export default defineConfig({
  base: "./",
  plugins: [ownReact, react()],
  build: {
    outDir: "../penstock/web/static",
    emptyOutDir: true,
    assetsInlineLimit: 0, // a strict content security policy allows no data: addresses
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { minify: { compress: { target: "es2022" }, mangle: true, codegen: true, mangleProps: { include: new RegExp(`^(${FIELDS.join("|")})$`) } } } },
  },
});
