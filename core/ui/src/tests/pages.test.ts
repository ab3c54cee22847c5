import { describe, expect, it } from "vitest";
import type { FlagDocument, IncidentDocument, ItemRecord, PromiseDocument, RunRecord } from "../api/types";
import { sorted } from "../pages/Alerts";
import { concerning, failing, lines, pieces } from "../pages/AssetSql";
import { differs, paired } from "../pages/Compare";
import { commandLine, told } from "../pages/Launch";
import { standing } from "../pages/Freshness";
import { hours } from "../pages/Overview";
import { usual } from "../pages/Run";
import { since, touching } from "../pages/Runs";
import { from, money } from "../parts/format";
import { trigger } from "../parts/trigger";
import { jsx, writtenOut } from "../react/jsx";

const sql = "select 'é😀' as a,\n  sum(b) as c\nfrom t";
const begin = Array.from(sql).join("").indexOf("sum(b)") - 1; // one letter of two units stands before it
const marks = [
  { column: "c", start: begin, end: begin + 6, kind: "aggregation" },
  { column: null, start: begin + 4, end: begin + 5, kind: "indirect" },
  { column: "a", start: 7, end: 11, kind: "transformation" },
];

describe("marks in SQL", () => {
  it("cut the text where they begin and end, counting letters as Python does", () => {
    const found = pieces(sql, concerning(marks, "C"));
    expect(found.map((one) => one.text).join("")).toBe(sql);
    expect(found.filter((one) => one.kinds.includes("aggregation")).map((one) => one.text).join("")).toBe("sum(b)");
    expect(found.find((one) => one.kinds.length === 2)?.text).toBe("b");
  });
  it("mark nothing without a column, and keep lines", () => {
    expect(concerning(marks, null)).toEqual([]);
    expect(lines(pieces(sql, [])).map((line) => line.map((one) => one.text).join(""))).toEqual(sql.split("\n"));
  });
});

const item = (name: string, state: string, seconds: number | null): ItemRecord => ({ key: ["n", name], name, state, seconds, rows: null }) as unknown as ItemRecord;

describe("two runs", () => {
  it("show what came out otherwise first, then what took longer, and what one had alone", () => {
    const found = paired([item("a", "success", 1), item("b", "success", 1), item("gone", "success", 1)], [item("a", "success", 9), item("b", "error", null), item("new", "success", 1)]);
    expect(found.slice(0, 3).every(differs)).toBe(true);
    expect(found.map((one) => one.name)).toEqual(expect.arrayContaining(["a", "b", "gone", "new"]));
    expect(found.at(-1)?.name).toBe("a");
  });
});

const incident = (kind: string, opened: string, more: Partial<IncidentDocument> = {}): IncidentDocument => ({ id: kind + opened, kind, severity: "warn", opened_at: opened, closed_at: null, muted_until_at: null, ...more }) as IncidentDocument;

describe("incidents", () => {
  it("stand by what has failed, then by age; what is acknowledged stands last", () => {
    const now = Date.parse("2026-01-02T00:00:00Z");
    const found = sorted([incident("fresh.at_risk", "2026-01-01T00:00:00Z"), incident("asset.failed", "2026-01-01T00:00:00Z"), incident("sync.failed", "2026-01-01T10:00:00Z"), incident("asset.failed", "2026-01-01T12:00:00Z", { muted_until_at: "2026-01-03T00:00:00Z" })], now);
    expect(found.map((one) => one.kind + one.opened_at.slice(11, 13))).toEqual(["sync.failed10", "asset.failed00", "fresh.at_risk00", "asset.failed12"]);
  });
});

describe("runs", () => {
  it("are asked for by what a tool makes of each word of a selection", () => {
    expect(touching("", "")).toBe("");
    expect(touching("orders", "")).toBe("orders");
    expect(touching("", "dbt/transform")).toBe("tool:dbt/transform");
    expect(touching("+orders tag:nightly", "dbt")).toBe("+orders,tool:dbt tag:nightly,tool:dbt");
  });
  it("are asked for from a full hour on, or from the first", () => {
    expect(since("7", Date.parse("2026-01-08T10:59:59Z"))).toBe("2026-01-01T10:00:00.000Z");
    expect(since("", 0)).toBeUndefined();
    expect(since("x", 0)).toBeUndefined();
  });
  it("take the middle of those that went well", () => {
    const run = (seconds: number, state = "succeeded") => ({ state, started_at: "2026-01-01T00:00:00Z", ended_at: new Date(Date.parse("2026-01-01T00:00:00Z") + seconds * 1000).toISOString() }) as RunRecord;
    expect(usual([run(9), run(2), run(4), run(900, "failed")])).toBe(4);
    expect(usual([run(3, "failed")])).toBeNull();
  });
});

describe("words", () => {
  it("tell times to come and money", () => {
    const now = Date.parse("2026-01-01T00:00:00Z");
    expect(from("2026-01-01T00:50:00Z", now)).toBe("in 50 min");
    expect(from("2025-12-31T21:00:00Z", now)).toBe("3 h ago");
    expect(money({ USD: 1.5, credits: 0.41239 })).toBe("$1.50, 0.4124 credits");
  });
});

it("finds the line that a database named, and none where it is not sure", () => {
  const sql = ["select", "  id,", "  sum(cent) as spent", "from t", "group by id"];
  expect(failing(sql, "Binder Error: no cent\n\nLINE 14:   sum(cent) as spent\n              ^")).toBe(2);
  expect(failing(sql, "LINE 14: ...sum(cent) as s...")).toBe(2);
  for (const said of ["", "cent", "LINE 3: sum(cents)", "LINE 2: id"]) expect(failing(sql, said)).toBe(-1);
  // Each warehouse names the column in its own way; DuckDB may point at the end of the statement.
  for (const said of [
    'Binder Error: Table "a" does not have a column named "cent"\n\nLINE 13: group by id',
    "000904 (42000): SQL compilation error: invalid identifier 'P.CENT'",
    "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column or function parameter with name `p`.`cent` cannot be resolved.",
    "column p.cent does not exist\nLINE 13: group by id",
    'column "cent" does not exist',
  ]) expect(failing(sql, said)).toBe(2);
  expect(failing(sql, 'column "gone" does not exist\nLINE 9: from t')).toBe(3);
});

describe("what began a run", () => {
  it("is read from its key, and from who started it", () => {
    const words = (key: string | null, command: string, retry_of: string | null = null) => trigger({ key, command, retry_of }).words;
    expect(words("schedule:nightly@2026-11-28T04:00:00Z", "penstock build")).toBe("nightly");
    expect(words("event:on_load@airbyte:evt-1", "penstock build")).toBe("on_load, on airbyte");
    expect(words("web:1", "started by ann in the browser")).toBe("ann, here");
    expect(words(null, "penstock retry 3", "x")).toBe("Retry, command line");
    expect(trigger({ key: null, command: "started by ann in the browser", retry_of: "x" }).who).toBe("ann");
  });
});

describe("flags of tools", () => {
  const flag = (field: string, kind: string): FlagDocument => ({ field, kind, name: `--${field.replaceAll("_", "-")}`, tool: "t", help: "", metavar: "", choices: [] });
  const known = [flag("threads", "count"), flag("empty", "switch"), flag("since", "text")];
  const choice = { select: "a", exclude: "", checks: true, fullRefresh: false, failFast: false, start: "", retry: "", flags: { threads: "4", empty: "1", since: "2026-01-01 10:00" } };
  it("are sent as what they are, and said as in a terminal", () => {
    expect(told(choice.flags, known)).toEqual({ threads: 4, empty: true, since: "2026-01-01 10:00" });
    expect(commandLine(choice, known)).toBe("penstock build -s a --threads 4 --empty --since '2026-01-01 10:00'");
    expect(commandLine({ ...choice, flags: {}, start: "connection:a connection:b" })).toBe("penstock build -s a --start 'connection:a connection:b'");
    expect(commandLine({ ...choice, retry: "7", start: "always" })).toBe("penstock retry 7");
  });
});

describe("the overview", () => {
  it("calls no promise broken of which nothing is known", () => {
    const of = (...states: string[]) => standing(states.map((state) => ({ state }) as PromiseDocument));
    expect([of("ok", "ok"), of("unknown", "ok"), of("fail", "warn", "at risk", "unknown")]).toEqual(["all 2 kept", "1 unknown of 2", "2 not kept, 1 at risk, 1 unknown of 4"]);
  });
  it("names full hours of the last day only, the earliest first", () => {
    const now = new Date(2026, 10, 28, 6, 10).getTime();
    const found = hours(now);
    expect(found.every((at) => at > now - 86_400_000 && at <= now && new Date(at).getMinutes() === 0)).toBe(true);
    expect([...found].sort((a, b) => a - b)).toEqual(found);
  });
});

describe("text of others", () => {
  it("reorders nothing and hides no letter", () => {
    expect(writtenOut("a\u202eb\u200bc")).toBe("a\\u202eb\\u200bc");
    expect(writtenOut("\u{1f469}\u200d\u{1f52c} \u0634\u064a\u0621")).toBe("\u{1f469}\u200d\u{1f52c} \u0634\u064a\u0621");
    const element = jsx("h1", { children: ["x", ["\u202ey"]] }) as { props: { children: unknown } };
    expect(element.props.children).toEqual(["x", ["\\u202ey"]]);
  });
});
