import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte()],
  test: {
    include: ["shared-model/web/**/*.test.ts", "desktop-app/ui/**/*.test.ts", "sync-server/console/**/*.test.ts"],
    environment: "node",
  },
});
