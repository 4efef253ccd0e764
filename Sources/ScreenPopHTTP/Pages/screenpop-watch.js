// The whole site as it goes: every agent, queue, waiting member and node. For wallboards.

import { Connection } from "./screenpop-connection.js";

const TOPICS = ["agents", "queues", "nodes"];

/** Events: `change`, `message`, `answered` and `abandoned` with {queue, waitSeconds, at}. */
export class Watch extends Connection {
  /** Agents, queues and nodes by name; members by uuid; live pops by id. */
  agents = new Map();
  queues = new Map();
  members = new Map();
  nodes = new Map();
  pops = new Map();

  constructor({ token = null, url = undefined } = {}) {
    super({ token, topics: TOPICS, url });
  }

  query() { return { topics: TOPICS.join(",") }; }
  probe() { return "agents"; }

  /** The agent's live pop, or undefined. */
  popOf(agent) {
    return [...this.pops.values()].find((pop) => pop.agent === agent && pop.state !== "ended");
  }

  take(message) {
    switch (message.type) {
      case "snapshot": this.#snapshot(message); break;
      case "agent.state": this.agents.set(message.agent, message.agentState); break;
      case "agent.pending": {
        const agent = this.agents.get(message.agent);
        if (agent) this.agents.set(message.agent, { ...agent, pending: message.pending });
        break;
      }
      case "queue.stats": this.queues.set(message.queue, message.stats); break;
      case "member.joined": this.members.set(message.member.uuid, message.member); break;
      case "member.left": this.#left(message.member); break;
      case "pop.offered": case "pop.updated": case "pop.answered": case "pop.ended": this.#pop(message.pop, message.type); break;
      case "config.changed": this.#configuration(message); break;
      default: break;
    }
  }

  #snapshot(message) {
    switch (message.topic) {
      case "agents":
        this.agents = new Map(message.agents.map((agent) => [agent.name, agent]));
        this.pops = new Map(message.pops.map((pop) => [pop.id, pop]));
        break;
      case "queues":
        this.queues = new Map(message.queues.map((queue) => [queue.name, queue]));
        this.members = new Map(message.members.map((member) => [member.uuid, member]));
        break;
      case "nodes":
        this.nodes = new Map(message.nodes.map((node) => [node.name, node]));
        break;
      default: break;
    }
  }

  #pop(pop, type) {
    if (pop.state === "ended") this.pops.delete(pop.id);
    else this.pops.set(pop.id, pop);
    if (type !== "pop.answered" || !pop.queue) return;
    // Who talks waits no more.
    const member = [...this.members.values()].find((member) => member.callUUID === pop.callUUID);
    if (member) this.members.set(member.uuid, { ...member, state: "answered", servingAgent: pop.agent });
    this.#tell("answered", pop.queue, pop.waitSeconds, pop.answeredAt);
  }

  #left(member) {
    this.members.delete(member.uuid);
    const { leaveReason: reason } = member;
    if (!["caller-abandoned", "queue-timeout", "no-agent-timeout", "exit-key"].includes(reason)) return;
    this.#tell("abandoned", member.queue, (Date.parse(member.leftAt) - Date.parse(member.joinedAt)) / 1000, member.leftAt);
  }

  #configuration({ what, agent, queue }) {
    if (what === "agent-removed") this.agents.delete(agent);
    if (what === "queue-removed") this.queues.delete(queue);
  }

  #tell(event, queue, waitSeconds, at) {
    this.dispatchEvent(new CustomEvent(event, { detail: { queue, waitSeconds, at } }));
  }
}
