/** Numbers, times and durations for people, in the viewer's zone and language. */
const WHOLE = new Intl.NumberFormat("en-US");

export const count = (value: number): string => WHOLE.format(value);

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** m:ss, or h:mm:ss. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "";
  if (seconds >= 0.05 && seconds < 0.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.max(0, Math.round(seconds));
  const two = (part: number) => String(part).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** How long ago, short: 12 s, 9 min, 6 h, 3 d. */
export function age(at: string | null | undefined, now: number): string {
  if (!at) return "";
  const seconds = Math.max(0, (now - Date.parse(at)) / 1000);
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const LONG = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

/** The clock time today, with the day before it otherwise. */
export function moment(at: string | null | undefined, now: number): string {
  if (!at) return "";
  const when = new Date(at);
  const today = when.toDateString() === new Date(now).toDateString();
  return today ? CLOCK.format(when) : `${DAY.format(when)} ${CLOCK.format(when)}`;
}

/** A sentence that the server keeps, its times in the viewer's zone. */
export const zoned = (words: string, now: number): string =>
  words.replace(/(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?(?:Z| UTC)/g, (as, day: string, clock: string, rest = "") => {
    const at = `${day}T${clock}${rest || ":00"}Z`;
    return Date.parse(at) ? moment(at, now) : as;
  });

export const today = (now: number): string => LONG.format(new Date(now));
export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return "";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let left = value;
  let at = 0;
  while (left >= 1000 && at < units.length - 1) {
    left /= 1000;
    at += 1;
  }
  return `${left >= 100 || at === 0 ? Math.round(left) : left.toFixed(1)} ${units[at]}`;
}

/** A selection or name as one word of a shell's command line. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./*-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** From now on: "in 50 min", or "3 h ago" when it has passed. */
export function from(at: string | null | undefined, now: number): string {
  if (!at) return "";
  const away = Date.parse(at) - now;
  return away > 0 ? `in ${age(new Date(now - away).toISOString(), now)}` : `${age(at, now)} ago`;
}

/** A length of time for people: 40 s, 5 min, 6 h, 3 d. */
export const length = (seconds: number): string => age(new Date(0).toISOString(), seconds * 1000);

/** `1.25 USD, 0.4 credits`; empty: nobody bills it. */
export function money(amounts: Record<string, number>): string {
  return Object.entries(amounts).map(([unit, amount]) => (unit === "USD" ? `$${amount.toFixed(2)}` : `${Number(amount.toPrecision(4))} ${unit}`)).join(", ");
}
