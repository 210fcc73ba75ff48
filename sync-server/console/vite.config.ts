import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { pretend } from "./dev/pretend.ts";

export default defineConfig(({ mode }) => ({
  plugins: [svelte(), mode === "pretend" ? pretend() : undefined],
  base: "/console/",
  server: { proxy: { "/console/api": "http://127.0.0.1:8640" } },
  build: {
    target: ["chrome110", "firefox115", "safari16.4"],
    // The content policy allows scripts, styles and fonts from files only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
}));
