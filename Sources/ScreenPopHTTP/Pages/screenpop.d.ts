// Types of /screenpop.js.

export type AgentStateName = "loggedOut" | "notReady" | "ready" | "reserved" | "talking" | "hold" | "wrapUp";
export type EndReason =
  | "completed-agent" | "completed-caller" | "answered-elsewhere" | "caller-abandoned" | "no-answer" | "rejected" | "busy" | "not-registered"
  | "offer-cancelled" | "queue-timeout" | "no-agent-timeout" | "exit-key" | "break-out" | "transferred" | "failed" | "lost-track";

export interface Caller { number: string | null; name: string | null; }

export interface Pop {
  id: string;
  version: number;
  kind: "queue" | "direct" | "outbound";
  state: "offered" | "answered" | "ended";
  /** Not confirmed yet: Redis was away. */
  provisional: boolean;
  agent: string;
  node: string;
  queue: string | null;
  caller: Caller;
  dialed: string | null;
  callUUID: string | null;
  memberUUID: string | null;
  agentCallUUID: string | null;
  joinedAt: string | null;
  offeredAt: string;
  answeredAt: string | null;
  bridgedAt: string | null;
  heldAt: string | null;
  endedAt: string | null;
  waitSeconds: number | null;
  endReason: EndReason | null;
  endedBy: string | null;
  transferredTo: string | null;
  /** Channel variables that the service lets through. From the caller: show it as text. */
  attributes: Record<string, string>;
  history: { at: string; agent: string | null; queue: string | null; endReason: EndReason }[];
  /** The page about the caller, where the service has a `--pop-url`; http or https. */
  url: string | null;
  matches: unknown[];
}

export interface Pending { status: string | null; state: string | null; reason: string | null; leave: string[] | null; by: string; since: string; }

export interface Agent {
  name: string;
  node: string;
  type: string;
  contact: Record<string, unknown> | null;
  status: string;
  state: string;
  normalized: AgentStateName;
  reason: string | null;
  reasonBy?: string | null;
  reasonSince?: string | null;
  reasonSource?: "screenpop" | "external" | null;
  statusChangedAt: string | null;
  stateChangedAt: string | null;
  wrapUp?: { since: string; until: string; extended: boolean } | null;
  wrapUpUntil: string | null;
  queues: { queue: string; level: number; position: number; state: string | null }[];
  pending: Pending | null;
  pop: string | null;
  pops: string[];
  [more: string]: unknown;
}

export interface Queue {
  name: string;
  node: string;
  strategy: string | null;
  waiting: number;
  longestWaitSince: string | null;
  agentsReady: number;
  agentsTalking: number;
  agentsLoggedIn: number;
  answered: number;
  abandoned: number;
  [more: string]: unknown;
}

export interface Member {
  uuid: string;
  callUUID: string | null;
  queue: string;
  node: string;
  caller: Caller;
  state: "waiting" | "trying" | "answered" | "left";
  joinedAt: string;
  servingAgent: string | null;
  leftAt: string | null;
  leaveReason: EndReason | null;
}

export type Target = { extension: string } | { agent: string } | { queue: string } | { number: string };

export interface Transfer {
  id: string;
  agent: string;
  call: string;
  pop: string | null;
  to: Target;
  state: "ringing" | "consulting" | "unattended" | "completing" | "cancelling" | "returning" | "completed" | "cancelled" | "failed" | "lost";
  reason: string | null;
  createdAt: string;
  answeredAt: string | null;
  endedAt: string | null;
}

/** What was asked, what FreeSWITCH said, what was read back; `pending` when it is kept for later. */
export interface Result {
  ok: true;
  requested?: Record<string, unknown>;
  reply?: string | null;
  actual?: Record<string, unknown>;
  applied?: boolean;
  tookMilliseconds?: number;
  pending?: Pending;
  transfer?: Transfer;
  desk?: string;
  since?: string | null;
}

/** The desk that rings. */
export interface PrimaryDesk { desk: string; since: string; }

export interface CommandFailure extends Error { code: string; }

export interface Principal { id: string; name: string; role: "agent" | "supervisor" | "admin" | "integration"; agent: string | null; }

/** "stale": what is shown was true at `staleSince`, and the connection is sought again. */
export type ConnectionState = "off" | "connecting" | "live" | "stale" | "refused";

declare class Connection extends EventTarget {
  readonly connection: "off" | "connecting" | "live" | "refused";
  readonly state: ConnectionState;
  readonly staleSince: Date | null;
  readonly degraded: boolean;
  readonly degradedPart: string | null;
  connect(): void;
  close(): void;
  /** A `subscribe` that is refused with `too-many-requests` is sent again, five times at most. */
  ask(message: { type: string; [member: string]: unknown }): Promise<Result>;
  send(message: { type: string; [member: string]: unknown }): boolean;
}

/**
 * One agent's desk.
 *
 * Events: `change`; `message` with each message; `pop` with {pop, type} for a pop that was not known; `pending-failed` with {code, message}.
 */
export class ScreenPop extends Connection {
  /** `desk` makes it one of the agent's desks: 1 to 64 letters, digits, - or _, this browser's own. Without it the socket is no desk. */
  constructor(options: { agent: string; token?: string | null; desk?: string | null; url?: string | URL });
  readonly agent: string;
  readonly desk: string | null;
  /** Null where it is not known. */
  readonly primary: PrimaryDesk | null;
  /** Whether to ring, notify, take the focus. Yes where nothing is known. */
  readonly popsHere: boolean;
  /** Whether what is known of that pop is so now: ring for no other. */
  isCurrent(pop: Pop): boolean;
  claimDesk(desk?: string): Promise<Result>;
  leaveDesk(): Promise<Result>;
  readonly agentState: Agent | null;
  readonly pops: ReadonlyMap<string, Pop>;
  readonly transfers: ReadonlyMap<string, Transfer>;
  /** `read` gives the items of `GET /api/v1/agents/NAME/transfers`. Whoever shows transfers asks anew after each `hello`, `system.recovered` and `system.resync`. */
  renewTransfers(read: () => Promise<Transfer[]>): Promise<void>;
  command(type: string, members?: Record<string, unknown>): Promise<Result>;
  logIn(options?: { ready?: boolean; queues?: string[]; force?: boolean }): Promise<Result>;
  logOut(options?: { force?: boolean }): Promise<Result>;
  ready(options?: { force?: boolean }): Promise<Result>;
  takeBreak(options?: { reason?: string; force?: boolean }): Promise<Result>;
  /** Without `queues`: all of them. */
  leaveQueues(options?: { queues?: string[]; force?: boolean }): Promise<Result>;
  cancelPending(): Promise<Result>;
  extendWrapUp(seconds: number): Promise<Result>;
  endWrapUp(): Promise<Result>;
  hangUp(which?: { pop?: string }): Promise<Result>;
  hold(which?: { pop?: string }): Promise<Result>;
  resume(which?: { pop?: string }): Promise<Result>;
  transfer(to: Target, which?: { pop?: string }): Promise<Result>;
  dial(to: Target): Promise<Result>;
  consult(to: Target, which?: { pop?: string }): Promise<Result>;
  complete(transfer?: string): Promise<Result>;
  cancel(transfer?: string): Promise<Result>;
  ack(pop: string, stage: "received" | "shown" | "dismissed"): void;
}

/** The whole site. Events: `change`, `message`, `answered` and `abandoned` with {queue, waitSeconds, at}. */
export class Watch extends Connection {
  constructor(options?: { token?: string | null; url?: string | URL });
  readonly agents: ReadonlyMap<string, Agent>;
  readonly queues: ReadonlyMap<string, Queue>;
  readonly members: ReadonlyMap<string, Member>;
  readonly nodes: ReadonlyMap<string, { name: string; status: string; ready: boolean; detail: string | null }>;
  readonly pops: ReadonlyMap<string, Pop>;
  popOf(agent: string): Pop | undefined;
}

export class ServiceError extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfter: number | null;
}

/** HTTP. Parts of a path are encoded: `get(["agents", "1001@default"])`. Event: `refused`. */
export class Service extends EventTarget {
  constructor(options?: { token?: string | null; url?: string | URL });
  readonly token: string | null;
  readonly principal: Principal | null;
  readonly expiresAt: string | null;
  readonly clockOffset: number;
  now(): number;
  /** By name and password, or by the JWT of the company's log-in. */
  logIn(options: { user: string; password: string } | { token: string }): Promise<Principal>;
  who(): Promise<Principal | null>;
  logOut(): Promise<void>;
  get<T = any>(path: string[], query?: Record<string, string | number>): Promise<T>;
  post<T = any>(path: string[], body?: unknown, query?: Record<string, string | number>): Promise<T>;
  put<T = any>(path: string[], body?: unknown): Promise<T>;
  patch<T = any>(path: string[], body?: unknown): Promise<T>;
  delete<T = any>(path: string[], query?: Record<string, string | number>): Promise<T>;
  all<T = any>(path: string[], query?: Record<string, string | number>, limit?: number): Promise<T[]>;
}
