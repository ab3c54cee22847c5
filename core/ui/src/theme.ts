/** Dark and light: the system's wish until the viewer chooses; the choice stays in this browser. */
import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark";
const KEY = "penstock.theme";
const CHANGED = "penstock:theme";

function kept(): string | null {
  try {
    return window.localStorage.getItem(KEY);
  } catch {
    return null; // storage is forbidden here: the system's wish holds
  }
}

const dark = () => window.matchMedia("(prefers-color-scheme: dark)");
const current = (): Theme => (document.documentElement.dataset.theme === "dark" ? "dark" : "light");

function apply(): void {
  document.documentElement.dataset.theme = kept() ?? (dark().matches ? "dark" : "light");
  window.dispatchEvent(new Event(CHANGED));
}

export function begin(): void {
  apply();
  dark().addEventListener("change", apply);
}

export function toggle(): void {
  const next: Theme = current() === "dark" ? "light" : "dark";
  try {
    window.localStorage.setItem(KEY, next);
    apply();
  } catch {
    document.documentElement.dataset.theme = next;
    window.dispatchEvent(new Event(CHANGED));
  }
}

const subscribe = (changed: () => void) => {
  window.addEventListener(CHANGED, changed);
  return () => window.removeEventListener(CHANGED, changed);
};

export const useTheme = (): Theme => useSyncExternalStore(subscribe, current);
