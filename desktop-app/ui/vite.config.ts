import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [svelte()],
  base: "./",
  build: {
    // WebView2 updates itself; WebKitGTK 2.40 is Safari 16.4.
    target: ["chrome110", "safari16.4"],
    // The content policy allows scripts, styles and fonts from files only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
