import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// Relative addresses: the pages work under any base path of a reverse proxy.
export default defineConfig({
  base: "./",
  plugins: [react()],
  build: {
    outDir: "../penstock/web/static",
    emptyOutDir: true,
    assetsInlineLimit: 0, // a strict content security policy allows no data: addresses
    modulePreload: { polyfill: false },
  },
});
