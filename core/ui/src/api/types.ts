/** Records of the API. Written by scripts/ui_types.py from the OpenAPI document: do not edit. */

export interface ActivityDocument {
  format: number;
  since: string;
  hours: Hour[];
  cut: boolean;
}

export interface ActivityQuery {
  days?: number;
}

export interface AssetDocument {
  name: string;
  key: KeyDocument;
  kind: string;
  resource_type: string;
  relation: string | null;
  made_by: SightingDocument | null;
  seen_by: SightingDocument[];
  upstream: string[];
  downstream: string[];
  columns: ColumnDocument[];
  checks: CheckDocument[];
  description: string;
  tags: string[];
  group: string | null;
  owner: string | null;
  package: string | null;
  path: string | null;
  materialized: string | null;
  rows: number | null;
  bytes: number | null;
  attributes: Record<string, string>;
}

export type AssetKey = [string, string];

export interface AssetQuery {
  name: string;
}

export interface AssetState {
  name: string;
  key: KeyDocument;
  kind: string;
  outcome: string | null;
  made_at: string | null;
  seconds: number | null;
  rows: number | null;
  run: string | null;
  by: string | null;
  checks: CheckState[];
  last_attempt: string | null;
  attempted_at: string | null;
  attempt_seconds: number | null;
  attempt_run: string | null;
  attempt_by: string | null;
  message: string | null;
  money: Record<string, number>;
  flags: string;
  attempt_flags: string;
}

export interface AssetsDocument {
  format: number;
  project: string;
  environment: string;
  hash: string;
  as_of: Record<string, string>;
  not_refreshed: Record<string, string>;
  assets: AssetDocument[];
}

export interface AttemptRecord {
  run: string;
  step: string;
  attempt: number;
  environment: string;
  state: AttemptState;
  items: string[] | null;
  intent_at: string;
  started_at: string | null;
  ended_at: string | null;
  external: Record<string, unknown> | null;
  intent: Record<string, unknown>;
  outcome: string | null;
  message: string | null;
  retryable: boolean;
  log: string | null;
  tail: string[];
  fence: number;
}

export type AttemptState = "abandoned" | "cancelled" | "failed" | "intent" | "running" | "succeeded" | "unreadable";

export interface AuditDocument {
  format: number;
  entries: AuditRow[];
}

export interface AuditQuery {
  cursor?: string;
  limit?: number;
}

export interface AuditRow {
  position: number;
  at: string;
  environment: string;
  who: string;
  action: string;
  target: string;
  peer: string;
  outcome: string;
  token: string | null;
  plan: string | null;
}

export interface AutomationDocument {
  format: number;
  environment: string;
  paused: string | null;
  schedules: ScheduleDocument[];
  ticks: TickDocument[];
  daemons: DaemonDocument[];
  gone: string[];
}

export interface AutomationView {
  name: string;
  code: string;
  reason: string;
  next_at: number | null;
  otherwise: string;
  line: string;
  since: number | null;
  snapshot: string;
}

export interface BarDocument {
  step: string;
  items: number;
  state: string;
  ready: number;
  begun: number;
  ended: number | null;
  attempts: number;
  critical: boolean;
  after: string | null;
  waited: Record<string, number>;
}

export interface Billing {
  unattributed: Record<string, number>;
  pending: number;
  list_price: boolean;
  told_at: string | null;
  silent: string[];
}

export interface BranchDocument {
  name: string;
  base: string | null;
  made_at: number | null;
  until: number | null;
  over: boolean;
  size_bytes: number;
}

export interface BranchesDocument {
  format: number;
  project: string;
  environments: BranchDocument[];
}

export interface ChannelsRequest {
  channels?: string[];
}

export interface ChannelsTried {
  format: number;
  channels: Record<string, string | null>;
}

export interface CheckDocument {
  name: string;
  kind: string;
  severity: string;
  column: string | null;
}

export interface CheckHistory {
  name: string;
  kind: string;
  severity: string;
  column: string | null;
  results: CheckResult[];
}

export interface CheckResult {
  run: number | null;
  outcome: string;
  ended_at: string;
  seconds: number | null;
  failures: number | null;
  message: string | null;
}

export interface CheckState {
  name: string;
  outcome: string;
  ended_at: string;
  message: string | null;
  flags: string;
}

export interface ChecksDocument {
  format: number;
  name: string;
  checks: CheckHistory[];
}

export interface ChecksQuery {
  name: string;
  limit?: number;
}

export interface ColumnDocument {
  name: string;
  type?: string | null;
  description?: string;
}

export interface ColumnNear {
  name: string;
  upstream: number;
  used_by: number;
}

export interface ColumnsDocument {
  format: number;
  columns: ColumnNear[];
}

export interface Completion {
  word: string;
  about: string;
  count: number | null;
}

export interface CompletionsDocument {
  format: number;
  words: Completion[];
}

export interface CostDocument {
  format: number;
  environment: string;
  by: string;
  since: string;
  lines: Spent[];
  rest: Spent;
  total: Spent;
  without_money: number;
  billing: Billing;
}

export interface CostQuery {
  select?: string;
  exclude?: string;
  by?: "asset" | "owner" | "run" | "tag";
  days?: number;
}

export interface Coverage {
  models: number;
  not_followed: number;
  columns: number;
  resolved: number;
  ambiguous: number;
  unresolved: number;
  edges: number;
  undeclared: number;
  external: number;
}

export interface CoverageDocument {
  format: number;
  coverage: Coverage;
  models: CoverageModel[];
  findings: CoverageFinding[];
  external: ExternalRelation[];
}

export interface CoverageFinding {
  asset: string;
  code: string;
  message: string;
  line: number | null;
  column: number | null;
}

export interface CoverageModel {
  asset: string;
  followed: boolean;
  columns: number;
  resolved: number;
  ambiguous: number;
  unresolved: number;
  undeclared: number;
  reads: [string, string][];
}

export interface DaemonDocument {
  host: string;
  pid: number;
  alive: boolean;
  saying: string;
  started_at: string;
  seen_at: string;
}

export interface Diagnosis {
  subject: string;
  ok: boolean;
  message: string;
  hint: string | null;
  unchecked: string | null;
}

export interface DoctorDocument {
  format: number;
  ok: boolean;
  checks: Diagnosis[];
  findings: Finding[];
}

export interface Drift {
  connection: string;
  table: string;
  kind: string;
  column: string | null;
  message: string;
  policy: string;
  reach: Reach;
}

export interface DriftDocument {
  format: number;
  project: string;
  environment: string;
  changes: Drift[];
}

export interface EdgeDocument {
  direction: string;
  distance: number;
  source_asset: string;
  source_column: string | null;
  target_asset: string;
  target_column: string | null;
  type: string | null;
  subtype: string | null;
  certainty: string | null;
  path: string | null;
  expression: string | null;
  candidates: string[];
  masking: boolean;
}

export interface EventDocument {
  name: string;
  id: string;
  kind: string;
  received_at: string;
  handled_at: string | null;
  outcome: string;
  ticks: TickDocument[];
  body: string;
}

export interface EventsDocument {
  format: number;
  environment: string;
  events: EventDocument[];
}

export interface ExternalRelation {
  relation: string;
  read_by: string[];
}

export interface Finding {
  code: string;
  message: string;
  asset?: AssetKey | null;
  source?: string | null;
  hint?: string | null;
}

export interface FindingDocument {
  code: string;
  message: string;
  asset: string | null;
  hint: string;
}

export interface FindingsDocument {
  format: number;
  findings: FindingDocument[];
}

export interface FlagDocument {
  field: string;
  name: string;
  tool: string;
  kind: string;
  help: string;
  metavar: string;
  choices: string[];
}

export interface FlagsDocument {
  format: number;
  flags: FlagDocument[];
}

export interface FreshnessDocument {
  format: number;
  environment: string;
  promises: PromiseDocument[];
}

export interface GrantDocument {
  role: "admin" | "editor" | "operator" | "viewer";
  environment: string;
  select: string;
  see_data: boolean;
}

export interface GraphDocument {
  format: number;
  hash: string;
  ranks: number;
  rows: number;
  nodes: Node[];
  edges: [number, number][];
  groups: Record<string, number>;
}

export interface GraphQuery {
  select?: string;
  exclude?: string;
  focus?: string;
  up?: number;
  down?: number;
  group?: "folder" | "none" | "owner" | "project" | "schema" | "tool";
  collapse?: string;
}

export interface HistoryDocument {
  format: number;
  name: string;
  materializations: Materialization[];
}

export interface HistoryQuery {
  name: string;
  limit?: number;
}

export interface Hour {
  runs: number;
  seconds: number;
  failed: number;
}

export interface IncidentDocument {
  id: string;
  kind: string;
  cause: string;
  severity: string;
  title: string;
  why: string;
  affected: string[];
  exposures: number;
  command: string;
  channels: string[];
  quiet: boolean;
  opened_at: string;
  closed_at: string | null;
  muted_until_at: string | null;
  muted_by: string | null;
}

export interface IncidentsDocument {
  format: number;
  incidents: IncidentDocument[];
  unsent: UnsentDocument[];
}

export interface IncidentsQuery {
  open?: boolean;
  limit?: number;
}

export type ItemKind = "asset" | "check";

export interface ItemRecord {
  run: string;
  key: AssetKey;
  ref: ToolRef;
  kind: ItemKind;
  name: string;
  resource_type: string;
  environment: string;
  decision: string;
  reason: string;
  code: string;
  unit: string;
  state: ItemState;
  step: string | null;
  attempt: number | null;
  started_at: string | null;
  ended_at: string | null;
  seconds: number | null;
  rows: number | null;
  size_bytes: number | null;
  message: string | null;
  cause: string | null;
  severity: Severity;
  relation: Relation | null;
  window: Window | null;
  provenance: Provenance | null;
  usage: Usage | null;
}

export type ItemState = "cancelled" | "error" | "fail" | "left" | "no_op" | "partial" | "pending" | "reused" | "running" | "skipped" | "success" | "warn";

export interface KeyDocument {
  namespace: string;
  name: string;
}

export interface LaunchRequest {
  select?: string[];
  exclude?: string[];
  selector?: string | null;
  checks?: boolean;
  full_refresh?: boolean;
  fail_fast?: boolean;
  start?: string;
  retry_of?: string | null;
  step?: string | null;
  flags?: Record<string, boolean | number | string>;
  hash: string;
}

export interface LineageDocument {
  format: number;
  asset: string;
  column: string | null;
  path: string | null;
  edges: EdgeDocument[];
}

export interface LineageQuery {
  of: string;
  upstream?: boolean;
  downstream?: boolean;
  depth?: number | null;
  direct?: boolean;
}

export interface Link {
  name: string;
  decision: string;
  code: string;
  reason: string;
}

export interface LogDocument {
  format: number;
  step: string;
  attempt: number;
  state: string;
  offset: number;
  text: string;
  missing: string | null;
}

export interface LogQuery {
  step: string;
  attempt?: number | null;
  offset?: number;
}

export interface LoginRequest {
  user: string;
  password: string;
}

export interface Mark {
  column: string | null;
  start: number;
  end: number;
  kind: string;
}

export interface Materialization {
  run: number | null;
  outcome: string;
  ended_at: string;
  seconds: number | null;
  rows: number | null;
  bytes: number | null;
}

export interface Me {
  user: string;
  login: "local" | "none";
  rights: string[];
}

export interface MuteRequest {
  seconds?: number;
}

export interface NamedUser {
  name: string;
}

export interface NewGrants {
  name: string;
  grants: GrantDocument[];
}

export interface NewToken {
  about?: string;
  days?: number;
  limits: GrantDocument[];
}

export interface NewUser {
  name: string;
  password: string;
  grants: GrantDocument[];
}

export interface Node {
  id: string;
  label: string;
  kind: string;
  type: string;
  x: number;
  y: number;
  tool?: string;
  group?: string;
  owner?: string;
  size?: number;
  members?: string[];
}

export interface Nothing {
}

export interface Owner {
  host: string;
  boot: string;
  space: string;
  pid: number;
  started: string;
}

export interface PauseRequest {
  schedule?: string | null;
  why?: string;
}

export interface PlanAnswer {
  format: number;
  environment: string;
  graph: string;
  selection: string;
  items: PlanItemDocument[];
  notes: string[];
  hash: string;
  standing: number;
  takes: (number | null)[];
  work: Record<string, number>;
  asks: Question[];
}

export interface PlanItemDocument {
  name: string;
  key: KeyDocument;
  kind: string;
  resource_type: string;
  decision: string;
  code: string;
  reason: string;
  by: SightingDocument;
  waits_for: string[];
}

export interface PlanRequest {
  select?: string[];
  exclude?: string[];
  selector?: string | null;
  checks?: boolean;
  full_refresh?: boolean;
  fail_fast?: boolean;
  start?: string;
  retry_of?: string | null;
  step?: string | null;
  flags?: Record<string, boolean | number | string>;
}

export interface PolicyBuilds {
  build: string;
  tables: number;
  per_day: number;
}

export interface PolicyDocument {
  format: number;
  asset: string;
  fields: PolicyField[];
}

export interface PolicyField {
  name: string;
  value: unknown;
  line: string;
}

export interface Problem {
  type?: string;
  title: string;
  status: number;
  detail?: string;
  hint?: string;
}

export interface ProjectDocument {
  format: number;
  name: string;
  environment: string;
  version: string;
  hash: string;
  as_of: Record<string, string>;
  not_refreshed: Record<string, string>;
  assets: number;
  findings: number;
  me: Me;
}

export interface PromiseDocument {
  name: string;
  key: KeyDocument;
  state: string;
  age_seconds: number | null;
  timeless: boolean;
  as_of_at: string | null;
  promised: string;
  warn_seconds: number | null;
  fail_seconds: number | null;
  deadline_at: string | null;
  ready_at: string | null;
  chain: string[];
  why: string;
  line: string;
}

export interface PromiseKept {
  name: string;
  promised: string;
  times: number;
  broken_seconds: number;
  avoidable_seconds: number;
}

export interface Provenance {
  job: string;
  by?: string | null;
  ended_at?: string | null;
  url?: string | null;
}

export interface Question {
  starts: string;
  select: string;
  assets: number;
  started: boolean;
}

export interface Reach {
  read: string[];
  derived: string[];
  filtered: string[];
  checks: string[];
  exposures: string[];
}

export type Relation = [string, string, string | null, string | null, string];

export interface ReuseAudit {
  run: string;
  asset: AssetKey;
  environment: string;
  name: string;
  compared_at: string;
  outcome: string;
  reason: string;
  before: string;
  after: string;
  made_by: number | null;
}

export interface RunCountsDocument {
  format: number;
  states: Record<string, number>;
}

export interface RunDocument {
  format: number;
  run: RunRecord;
  items: ItemRecord[];
  steps: StepRecord[];
  attempts: AttemptRecord[];
  reuse_audits: ReuseAudit[];
}

export interface RunRecord {
  id: string;
  number: number;
  environment: string;
  state: RunState;
  selection: string;
  command: string;
  graph_hash: string;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  message: string | null;
  counts: Record<string, number>;
  retry_of: string | null;
  key: string | null;
  wanted: string | null;
  flags: Record<string, string>;
  owner: Owner | null;
}

export type RunState = "cancelled" | "detached" | "failed" | "interrupted" | "queued" | "running" | "stopping" | "succeeded";

export interface RunsDocument {
  format: number;
  runs: RunRecord[];
}

export interface RunsNarrowed {
  select?: string;
  by?: string;
  trigger?: string;
  since?: string | null;
  until?: string | null;
}

export interface RunsQuery {
  select?: string;
  by?: string;
  trigger?: string;
  since?: string | null;
  until?: string | null;
  state?: string;
  cursor?: string;
  limit?: number;
}

export interface ScheduleDocument {
  name: string;
  run: string;
  when: string;
  next_at: string | null;
  paused: string | null;
  last: TickDocument | null;
}

export interface SearchDocument {
  format: number;
  hits: SearchHit[];
}

export interface SearchHit {
  name: string;
  kind: string;
  made_by: string;
  column: string | null;
}

export interface SearchQuery {
  text?: string;
  limit?: number;
}

export interface Selected {
  select?: string;
  exclude?: string;
}

export interface SelectedPage {
  select?: string;
  exclude?: string;
  cursor?: string;
  limit?: number;
}

export type Severity = "error" | "warn";

export interface SightingDocument {
  integration: string;
  instance: string;
  id: string;
}

export interface SimulateQuery {
  days?: number;
  every?: number;
  rows?: number;
  seed?: number;
}

export interface Simulated {
  format: number;
  days: number;
  tables: number;
  loads: number;
  runs: number;
  builds_per_day: number;
  per_sync: number;
  policies: PolicyBuilds[];
  busiest: Record<string, number>;
  promises: PromiseKept[];
  covered: number | null;
  assumed: number;
  guarded: boolean;
}

export interface Spent {
  name: string;
  runs: number;
  seconds: number;
  warehouse_seconds: number | null;
  bytes: number | null;
  money: Record<string, number>;
}

export interface SqlDocument {
  format: number;
  name: string;
  path: string | null;
  dialect: string | null;
  sql: string | null;
  missing: string | null;
  marks: Mark[];
}

export interface Started {
  format: number;
  run: number;
  id: string;
  state: string;
}

export interface StatusDocument {
  format: number;
  environment: string;
  assets: AssetState[];
}

export interface StepRecord {
  run: string;
  id: string;
  environment: string;
  integration: string;
  instance: string;
  kind: string;
  batch: string | null;
  state: StepState;
  items: string[];
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  attempts: number;
  message: string | null;
  waited: Record<string, number>;
}

export type StepState = "cancelled" | "failed" | "retrying" | "running" | "succeeded" | "waiting";

export interface TickDocument {
  schedule: string;
  at: string;
  state: string;
  reason: string;
  ticks: number;
  run: number | null;
  decided_at: string;
  ended_at: string | null;
}

export interface TicksQuery {
  limit?: number;
}

export interface TimelineDocument {
  format: number;
  seconds: number;
  bars: BarDocument[];
  critical: string[];
}

export interface TokenDocument {
  id: string;
  user: string;
  about: string;
  limits: GrantDocument[];
  created_at: string;
  expires_at: string | null;
  used_at: string | null;
  revoked_at: string | null;
}

export interface TokenMade {
  format: number;
  id: string;
  token: string;
}

export interface TokensDocument {
  format: number;
  tokens: TokenDocument[];
}

export interface Told {
  format: number;
  message: string;
}

export type ToolRef = [string, string, string];

export interface UnsentDocument {
  incident: string;
  channel: string;
  event: string;
  tries: number;
  trouble: string | null;
  written_at: string;
}

export interface UpcomingDocument {
  format: number;
  ticks: UpcomingTick[];
}

export interface UpcomingQuery {
  limit?: number;
}

export interface UpcomingTick {
  schedule: string;
  at: string;
  due_at: string;
  run: string;
}

export interface Usage {
  seconds?: number | null;
  bytes?: number | null;
  slots?: number | null;
  money?: number | null;
  currency?: string | null;
}

export interface UserDocument {
  name: string;
  grants: GrantDocument[];
  created_at: string;
}

export interface UsersDocument {
  format: number;
  users: UserDocument[];
}

export interface WhyDocument {
  format: number;
  name: string;
  kind: string;
  decision: string;
  code: string;
  reason: string;
  run: number | null;
  outcome: string | null;
  facts: Record<string, string>;
  because: Link[];
  otherwise: string;
  automation: AutomationView | null;
}

export interface WhyQuery {
  name: string;
  run?: string;
}

export type Window = [number, number];
