/** Records of the API. */
export interface Me { user: string; login: "none" | "local"; rights: string[] }
export interface ProjectDocument { format: number; name: string; environment: string; version: string; hash: string; as_of: Record<string, string>; not_refreshed: Record<string, string>; assets: number; findings: number; me: Me }
export interface KeyDocument { namespace: string; name: string }
export interface SightingDocument { integration: string; instance: string; id: string }
export interface ColumnDocument { name: string; type?: string | null; description?: string }
export interface CheckDocument { name: string; kind: string; severity: string; column: string | null }
export interface AssetDocument { name: string; key: KeyDocument; kind: string; resource_type: string; relation: string | null; made_by: SightingDocument | null; seen_by: SightingDocument[]; upstream: string[]; downstream: string[]; columns: ColumnDocument[]; checks: CheckDocument[]; description: string; tags: string[]; group: string | null; owner: string | null; package: string | null; path: string | null; materialized: string | null; rows: number | null; bytes: number | null; attributes: Record<string, string> }
export interface CheckState { name: string; outcome: string; ended_at: string; message: string | null }
export interface AssetState { name: string; key: KeyDocument; kind: string; outcome: string | null; made_at: string | null; seconds: number | null; rows: number | null; run: string | null; by: string | null; checks: CheckState[]; last_attempt: string | null; attempted_at: string | null; attempt_seconds: number | null; attempt_run: string | null; attempt_by: string | null; message: string | null }
export interface StatusDocument { format: number; environment: string; assets: AssetState[] }
export interface Node { id: string; label: string; kind: string; type: string; x: number; y: number; tool?: string; group?: string; owner?: string; size?: number }
export interface GraphDocument { format: number; hash: string; ranks: number; rows: number; nodes: Node[]; edges: [number, number][]; groups: Record<string, number> }
export interface EdgeDocument { direction: string; distance: number; source_asset: string; source_column: string | null; target_asset: string; target_column: string | null; type: string | null; subtype: string | null; certainty: string | null; path: string | null; expression: string | null; candidates: string[]; masking: boolean }
export interface LineageDocument { format: number; asset: string; column: string | null; path: string | null; edges: EdgeDocument[] }
export interface SearchHit { name: string; kind: string; made_by: string; column: string | null }
export interface SearchDocument { format: number; hits: SearchHit[] }
export interface FindingDocument { code: string; message: string; asset: string | null; hint: string }
export interface FindingsDocument { format: number; findings: FindingDocument[] }
export interface RunRecord { id: string; number: number; environment: string; state: string; selection: string; command: string; graph_hash: string; created_at: string; started_at: string | null; ended_at: string | null; message: string | null; counts: Record<string, number>; retry_of: string | null }
export interface RunsDocument { format: number; runs: RunRecord[] }
export interface ItemRecord { key: [string, string]; kind: string; name: string; resource_type: string; decision: string; reason: string; code: string; state: string; step: string | null; attempt: number | null; started_at: string | null; ended_at: string | null; seconds: number | null; rows: number | null; message: string | null; cause: string | null }
export interface StepRecord { id: string; integration: string; instance: string; kind: string; state: string; items: string[]; started_at: string | null; ended_at: string | null; attempts: number; message: string | null; waited: Record<string, number> }
export interface AttemptRecord { step: string; attempt: number; state: string; message: string | null; tail: string[] }
export interface RunDocument { format: number; run: RunRecord; items: ItemRecord[]; steps: StepRecord[]; attempts: AttemptRecord[] }
export interface BarDocument { step: string; items: number; state: string; ready: number; begun: number; ended: number | null; attempts: number; critical: boolean; after: string | null; waited: Record<string, number> }
export interface TimelineDocument { format: number; seconds: number; bars: BarDocument[]; critical: string[] }
export interface LogDocument { format: number; step: string; attempt: number; state: string; offset: number; text: string; missing: string | null }
export interface Materialization { run: number | null; outcome: string; ended_at: string; seconds: number | null; rows: number | null; bytes: number | null }
export interface HistoryDocument { format: number; name: string; materializations: Materialization[] }
export interface PlanItemDocument { name: string; key: KeyDocument; kind: string; resource_type: string; decision: string; code: string; reason: string; by: SightingDocument; waits_for: string[] }
export interface PlanAnswer { format: number; environment: string; graph: string; selection: string; items: PlanItemDocument[]; notes: string[]; hash: string }
export interface PlanRequest { select?: string[]; exclude?: string[]; checks?: boolean; full_refresh?: boolean; fail_fast?: boolean; start?: "never" | "always"; retry_of?: string | null; step?: string | null }
export interface Started { format: number; run: number; id: string; state: string }
export interface Told { format: number; message: string }
export interface ScheduleDocument { name: string; run: string; when: string; next_at: string | null; paused: boolean }
export interface TickDocument { schedule: string; at: string; state: string; reason: string; run: string | number | null }
export interface DaemonDocument { host: string; pid: number; alive: boolean; saying: string; started_at: string; seen_at: string }
export interface AutomationDocument { format: number; environment: string; paused: boolean; schedules: ScheduleDocument[]; ticks: TickDocument[]; daemons: DaemonDocument[] }
