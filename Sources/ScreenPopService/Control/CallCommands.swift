/// The calls themselves, on the node that has them.
struct CallCommands: CallControl {
    let roster: NodeRoster
}
