import CallCenter

/// A FreeSWITCH 1.10's whole configuration folder, written from a plan. Only names and numbers that the plan has checked go into it.
struct ConfigurationFiles {
    let plan: CallCentrePlan

    /// Path below the folder to text, in the order of the paths.
    var files: [(path: String, text: String)] {
        let all: [String: String] = [
            "freeswitch.xml": Self.root,
            "vars.xml": self.variables,
            "autoload_configs/modules.conf.xml": self.modules,
            "autoload_configs/switch.conf.xml": Self.core,
            "autoload_configs/console.conf.xml": Self.console,
            "autoload_configs/event_socket.conf.xml": self.eventSocket,
            "autoload_configs/acl.conf.xml": self.accessLists,
            "autoload_configs/callcenter.conf.xml": self.callCenter,
            "autoload_configs/fifo.conf.xml": Self.fifo,
            "autoload_configs/ivr.conf.xml": Self.configuration(
                "ivr", "<menus>\n    <X-PRE-PROCESS cmd=\"include\" data=\"../ivr_menus/*.xml\"/>\n  </menus>"),
            "autoload_configs/local_stream.conf.xml": Self.localStream,
            "autoload_configs/sofia.conf.xml": Self.sofia,
            "autoload_configs/loopback.conf.xml": Self.configuration("loopback", "<settings/>"),
            "autoload_configs/db.conf.xml": Self.configuration("db", "<settings/>"),
            "autoload_configs/opus.conf.xml": Self.opus,
            "autoload_configs/hash.conf.xml": Self.configuration("hash", "<remotes/>"),
            "sip_profiles/internal.xml": Self.sipProfile,
            "directory/default.xml": self.directory,
            "dialplan/default.xml": self.dialplan,
            "ivr_menus/main.xml": self.menus,
        ]
        return all.sorted { $0.key < $1.key }.map { ($0.key, $0.value + "\n") }
    }

    static let note = "<!-- Written by `screenpop freeswitch-config`: change the YAML file and write it again. -->"

    /// FreeSWITCH drops what shares the first line of an included file with its tag.
    static func included(_ body: String) -> String { "<include>\n\(self.note)\n\(body)\n</include>" }

    static func configuration(_ name: String, _ body: String) -> String {
        self.included("<configuration name=\"\(name).conf\" description=\"\(name)\">\n  \(body)\n</configuration>")
    }

    private static let root = """
        <?xml version="1.0"?>
        <document type="freeswitch/xml">
          \(note)
          <X-PRE-PROCESS cmd="include" data="vars.xml"/>
          <section name="configuration" description="Configuration">
            <X-PRE-PROCESS cmd="include" data="autoload_configs/*.xml"/>
          </section>
          <section name="dialplan" description="Dial plan">
            <X-PRE-PROCESS cmd="include" data="dialplan/*.xml"/>
          </section>
          <section name="directory" description="Telephones and the event socket's user">
            <X-PRE-PROCESS cmd="include" data="directory/*.xml"/>
          </section>
        </document>
        """

    /// Each secret is drawn at random first, so that one that was not given opens nothing; the environment's takes its place.
    private var variables: String {
        let secrets = [
            ("event_socket_password", "FREESWITCH_EVENT_SOCKET_PASSWORD", "all power over FreeSWITCH"),
            ("screenpop_password", "FREESWITCH_SCREENPOP_PASSWORD", "the restricted user of the event socket"),
            ("phone_password", "FREESWITCH_PHONE_PASSWORD", "the telephones"),
        ]
        let lines = secrets.map { name, environment, use in
            """
              <!-- \(environment): \(use). -->
              <X-PRE-PROCESS cmd="exec-set" data="\(name)=head -c 24 /dev/urandom | base64 | tr -d '/+=\\n'"/>
              <X-PRE-PROCESS cmd="env-set" data="\(name)=$\(environment)"/>
            """
        }
        return Self.included(
            """
            \(lines.joined(separator: "\n"))
              <!-- FREESWITCH_DOMAIN: what the telephones register at; FREESWITCH_EXTERNAL_IP: where they send their audio when it is not this address. -->
              <X-PRE-PROCESS cmd="set" data="domain=$${local_ip_v4}"/>
              <X-PRE-PROCESS cmd="env-set" data="domain=$FREESWITCH_DOMAIN"/>
              <X-PRE-PROCESS cmd="set" data="external_ip=$${local_ip_v4}"/>
              <X-PRE-PROCESS cmd="env-set" data="external_ip=$FREESWITCH_EXTERNAL_IP"/>
              <!-- What callers hear. Put 8 kHz files into a folder and set hold_music=local_stream://moh for music of your own. -->
              <X-PRE-PROCESS cmd="set" data="hold_music=tone_stream://%(400,4600,440);loops=-1"/>
              <X-PRE-PROCESS cmd="set" data="prompts=$${conf_dir}/prompts"/>
              <X-PRE-PROCESS cmd="set" data="global_codec_prefs=OPUS,G722,PCMU,PCMA"/>
              <!-- Seconds without audio after which a call is ended: a telephone that lost its network does not hang up. -->
              <X-PRE-PROCESS cmd="set" data="media_timeout=300"/>
              <X-PRE-PROCESS cmd="set" data="media_hold_timeout=1800"/>
              <!-- Where the core database and mod_callcenter's lie is FreeSWITCH's own choice: agents and tiers added over ScreenPop survive a restart. -->
            """)
    }

    private var modules: String {
        let names =
            [
                "mod_console", "mod_event_socket", "mod_commands", "mod_dptools", "mod_dialplan_xml", "mod_db", "mod_hash", "mod_sofia",
                "mod_loopback", "mod_rtc", "mod_opus", "mod_sndfile", "mod_native_file", "mod_tone_stream", "mod_local_stream", "mod_fifo",
            ] + ["mod_callcenter"]
        let lines = names.map { "    <load module=\"\($0)\"/>" }
        // mod_callcenter last: what its queues play must be there already.
        return Self.configuration("modules", "<modules>\n\(lines.joined(separator: "\n"))\n  </modules>")
    }

    /// Without the file mod_opus complains and has no error correction.
    private static let opus = configuration(
        "opus",
        """
        <settings>
            <param name="use-vbr" value="1"/>
            <param name="keep-fec-enabled" value="1"/>
          </settings>
        """)

    private static let core = configuration(
        "switch",
        """
        <settings>
            <param name="max-sessions" value="1000"/>
            <param name="sessions-per-second" value="30"/>
            <param name="loglevel" value="notice"/>
            <param name="rtp-start-port" value="16384"/>
            <param name="rtp-end-port" value="17383"/>
          </settings>
        """)

    private static let console = configuration(
        "console",
        """
        <mappings>
            <map name="all" value="console,notice,warning,err,crit,alert"/>
          </mappings>
          <settings>
            <param name="colorize" value="false"/>
            <param name="loglevel" value="notice"/>
          </settings>
        """)

    private var eventSocket: String {
        Self.configuration(
            "event_socket",
            """
            <settings>
                <param name="nat-map" value="false"/>
                <param name="listen-ip" value="\(self.plan.eventSocketAddress)"/>
                <param name="listen-port" value="\(self.plan.eventSocketPort)"/>
                <param name="password" value="$${event_socket_password}"/>
                <param name="apply-inbound-acl" value="screenpop"/>
              </settings>
            """)
    }

    private var accessLists: String {
        let nodes = self.plan.eventSocketNetworks.map { "      <node type=\"allow\" cidr=\"\($0)\"/>" }
        return Self.configuration(
            "acl",
            """
            <network-lists>
                <!-- From where the event socket may be used. -->
                <list name="screenpop" default="deny">
            \(nodes.joined(separator: "\n"))
                </list>
              </network-lists>
            """)
    }

    private var callCenter: String {
        let queues = self.plan.queues.map { $0.definition.xml(indent: "    ", explained: true) }
        return Self.configuration(
            "callcenter",
            """
            <settings/>
              <queues>
            \(queues.joined(separator: "\n"))
              </queues>
              <!-- Agents and tiers are ScreenPop's business (over HTTP): one that stood here would be set back with every reload. -->
              <agents/>
              <tiers/>
            """)
    }

    private static let fifo = configuration(
        "fifo",
        """
        <settings>
            <param name="delete-all-outbound-member-on-startup" value="true"/>
          </settings>
          <!-- A parking place: transfer a call to 5900, dial 5901 to take it. -->
          <fifos>
            <fifo name="park@default" importance="0"/>
          </fifos>
        """)

    private static let localStream = configuration(
        "local_stream",
        """
        <directory name="moh" path="$${sounds_dir}/music/8000">
            <param name="rate" value="8000"/>
            <param name="shuffle" value="true"/>
            <param name="channels" value="1"/>
            <param name="interval" value="20"/>
            <param name="timer-name" value="soft"/>
          </directory>
        """)

    private static let sofia = configuration(
        "sofia",
        """
        <global_settings>
            <param name="log-level" value="0"/>
          </global_settings>
          <profiles>
            <X-PRE-PROCESS cmd="include" data="../sip_profiles/*.xml"/>
          </profiles>
        """)
}
