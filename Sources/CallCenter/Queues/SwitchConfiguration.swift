/// What a FreeSWITCH asks mod_xml_curl's server for when it opens a configuration.
public struct SwitchConfigurationRequest: Sendable, Equatable {
    /// The queue whose definition is asked for: by `queue load` and `queue reload`, and by mod_callcenter itself for a caller of a queue that is not
    /// loaded.
    ///
    /// `nil` for everything else, which FreeSWITCH then reads in its own files. So it is when mod_callcenter starts and asks for `callcenter.conf`
    /// without a queue: an answer would take the place of the whole file, its settings, agents and tiers with it.
    public let queue: QueueName?

    /// - Parameter fields: as mod_xml_curl sends them: `section`, `tag_name`, `key_name`, `key_value`, and what whoever asks adds.
    public init(fields: [String: String]) {
        guard fields["section"] == "configuration", fields["key_value"] == "callcenter.conf", let name = fields["CC-Queue"] else {
            self.queue = nil
            return
        }
        self.queue = try? QueueName(name)
    }
}

/// The answers. No XML declaration: FreeSWITCH leaves out every line that holds `<?`.
public enum SwitchConfiguration {
    /// FreeSWITCH goes on and looks in its own files.
    public static let notFound = """
        <document type="freeswitch/xml">
          <section name="result">
            <result status="not found"/>
          </section>
        </document>

        """

    /// `callcenter.conf` with that queue alone: mod_callcenter takes from it the queue that it asked for.
    public static func callCenter(_ queue: QueueDefinition) -> String {
        """
        <document type="freeswitch/xml">
          <section name="configuration">
            <configuration name="callcenter.conf" description="a queue that ScreenPop defines">
              <queues>
        \(queue.xml(indent: "        "))
              </queues>
            </configuration>
          </section>
        </document>

        """
    }
}
