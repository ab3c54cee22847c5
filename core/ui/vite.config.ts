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

// Relative addresses: the pages work under any base path of a reverse proxy.
export default defineConfig({
  base: "./",
  plugins: [ownReact, react()],
  build: {
    outDir: "../penstock/web/static",
    emptyOutDir: true,
    assetsInlineLimit: 0, // a strict content security policy allows no data: addresses
    modulePreload: { polyfill: false },
  },
});
