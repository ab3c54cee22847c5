/** Addresses inside the page: #/name/part?query. Behind the hash, so that any base path and any server will do. */
import { useSyncExternalStore } from "react";

export interface Place {
  page: string;
  part: string;
  query: URLSearchParams;
}

export function parse(hash: string): Place {
  const [path = "", words = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [page = "", ...rest] = path.split("/");
  return { page: page || "overview", part: decode(rest.join("/")), query: new URLSearchParams(words) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone % that somebody typed
  }
}

export function to(page: string, part = "", query: Record<string, string | undefined> = {}): string {
  const words = new URLSearchParams(Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1])));
  const text = words.toString();
  return `#/${page}${part ? `/${encodeURIComponent(part)}` : ""}${text ? `?${text}` : ""}`;
}

export const go = (address: string): void => void (window.location.hash = address.slice(1));

/** The same page with other words in its query; `replace` leaves no step in the browser's history. */
export function refine(place: Place, query: Record<string, string | undefined>, replace = true): void {
  const address = to(place.page, place.part, { ...Object.fromEntries(place.query), ...query });
  if (!replace) return go(address);
  window.history.replaceState(null, "", address);
  window.dispatchEvent(new HashChangeEvent("hashchange"));
}

const subscribe = (changed: () => void) => {
  window.addEventListener("hashchange", changed);
  return () => window.removeEventListener("hashchange", changed);
};

export function usePlace(): Place {
  return parse(useSyncExternalStore(subscribe, () => window.location.hash));
}
