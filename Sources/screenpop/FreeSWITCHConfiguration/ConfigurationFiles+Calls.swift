import CallCenter
import ScreenPopService

// Telephones, dial plan and menu.
extension ConfigurationFiles {
    static let sipProfile = included(
        """
        <profile name="internal">
          <settings>
            <param name="context" value="default"/>
            <param name="dialplan" value="XML"/>
            <param name="sip-ip" value="$${local_ip_v4}"/>
            <param name="rtp-ip" value="$${local_ip_v4}"/>
            <param name="ext-sip-ip" value="$${external_ip}"/>
            <param name="ext-rtp-ip" value="$${external_ip}"/>
            <param name="sip-port" value="5060"/>
            <!-- Telephones in a browser: SIP over WebSocket. ws is for a proxy that does TLS; wss wants wss.pem in the certificates' folder. -->
            <param name="ws-binding" value=":5066"/>
            <param name="wss-binding" value=":7443"/>
            <param name="auth-calls" value="true"/>
            <param name="auth-all-packets" value="false"/>
            <param name="accept-blind-reg" value="false"/>
            <param name="accept-blind-auth" value="false"/>
            <param name="log-auth-failures" value="true"/>
            <param name="force-register-domain" value="$${domain}"/>
            <param name="force-register-db-domain" value="$${domain}"/>
            <param name="force-subscription-domain" value="$${domain}"/>
            <param name="challenge-realm" value="auto_from"/>
            <param name="inbound-codec-prefs" value="$${global_codec_prefs}"/>
            <param name="outbound-codec-prefs" value="$${global_codec_prefs}"/>
            <param name="inbound-codec-negotiation" value="generous"/>
            <!-- Keys by RFC 2833 and by SIP INFO, whichever a telephone has. -->
            <param name="liberal-dtmf" value="true"/>
            <!-- Without these a browser inside a private network is told 488: FreeSWITCH takes none but public addresses from it. -->
            <param name="apply-candidate-acl" value="wan.auto"/>
            <param name="apply-candidate-acl" value="rfc1918.auto"/>
            <param name="apply-candidate-acl" value="localnet.auto"/>
            <param name="rtp-timer-name" value="soft"/>
            <param name="hold-music" value="$${hold_music}"/>
            <param name="apply-nat-acl" value="rfc1918.auto"/>
            <param name="manage-presence" value="true"/>
            <param name="nonce-ttl" value="60"/>
            <param name="user-agent-string" value="FreeSWITCH"/>
          </settings>
        </profile>
        """)

    var directory: String {
        let users = (self.plan.phones.first...self.plan.phones.last).map { number in
            """
                      <user id="\(number)">
                        <params>
                          <param name="password" value="$${phone_password}"/>
                        </params>
                        <variables>
                          <variable name="user_context" value="default"/>
                          <variable name="effective_caller_id_name" value="Extension \(number)"/>
                          <variable name="effective_caller_id_number" value="\(number)"/>
                        </variables>
                      </user>
            """
        }
        return Self.included(
            """
            <domain name="$${domain}">
              <params>
                <param name="dial-string" value="{^^:sip_invite_domain=${dialed_domain}:presence_id=${dialed_user}@${dialed_domain}}${sofia_contact(*/${dialed_user}@${dialed_domain})}"/>
                <param name="allow-empty-password" value="false"/>
              </params>
              <groups>
                <group name="default">
                  <users>
            \(users.joined(separator: "\n"))
                  </users>
                </group>
              </groups>
            </domain>
            <!-- Who uses the event socket: esl://screenpop%40screenpop:PASSWORD@HOST:\(self.plan.eventSocketPort)
                 This guards against accidents. Whoever may run callcenter_config can reach everything through an agent's contact. -->
            <domain name="screenpop">
              <params>
                <param name="allow-empty-password" value="false"/>
              </params>
              <groups>
                <group name="default">
                  <users>
                    <user id="screenpop">
                      <params>
                        <param name="esl-password" value="$${screenpop_password}"/>
                        <param name="esl-allowed-events" value="\(EventSocketRights.events.joined(separator: ","))"/>
                        <param name="esl-allowed-api" value="\(EventSocketRights.commands.joined(separator: ","))"/>
                        <param name="esl-allowed-log" value="true"/>
                      </params>
                    </user>
                  </users>
                </group>
              </groups>
            </domain>
            """)
    }

    var dialplan: String {
        let exported = self.plan.exported.joined(separator: ",")
        let queues = self.plan.queues.map { queue in
            let name = XMLText.escaped(queue.definition.name.text)
            return """
                  <extension name="queue \(name)">
                    <condition field="destination_number" expression="^\(queue.extensionNumber)$">
                      <action application="answer"/>
                      <!-- These channel variables go with the call to the agent's telephone, and into the pop. -->
                      <action application="set" data="cc_export_vars=\(exported)"/>
                      <action application="set" data="hangup_after_bridge=true"/>
                      <action application="callcenter" data="\(name)"/>
                    </condition>
                  </extension>
                """
        }
        let menu = self.plan.menu.map { menu in
            """
                  <extension name="menu">
                    <condition field="destination_number" expression="^\(menu.extensionNumber)$">
                      <action application="answer"/>
                      <action application="sleep" data="500"/>
                      <action application="ivr" data="main"/>
                      <action application="hangup"/>
                    </condition>
                  </extension>
            \(menu.languages.map { self.languageEntry($0, of: menu) }.joined(separator: "\n"))
            \(menu.choices.map { self.choiceEntry($0, of: menu) }.joined(separator: "\n"))
            """
        }
        return Self.included(
            """
            <context name="default">
              <!-- mod_callcenter knows of a call that is none of its own (skip-agents-with-external-calls) by callcenter_track alone, and counts a call
                   that is tracked twice for ever: so a leg that comes by again is left alone. The agent of telephone 1001 is 1001@default. -->
              <extension name="calling agent" continue="true">
                <condition field="${cc_tracked_agent}" expression="^$"/>
                <condition field="${sip_auth_username}" expression="^(\(Self.pattern(self.plan.phones)))$"/>
                <condition field="${callcenter_config(agent get status ${sip_auth_username}@default)}" expression="^(Available|On Break|Logged Out)">
                  <action application="callcenter_track" data="${sip_auth_username}@default"/>
                </condition>
              </extension>
            \(queues.joined(separator: "\n"))
            \(menu ?? "")
              <extension name="park">
                <condition field="destination_number" expression="^5900$">
                  <action application="answer"/>
                  <action application="set" data="fifo_music=$${hold_music}"/>
                  <action application="fifo" data="park@default in"/>
                </condition>
              </extension>
              <extension name="unpark">
                <condition field="destination_number" expression="^5901$">
                  <action application="answer"/>
                  <action application="fifo" data="park@default out nowait"/>
                </condition>
              </extension>
              <extension name="telephone">
                <condition field="destination_number" expression="^(\(Self.pattern(self.plan.phones)))$">
                  <action application="export" data="nolocal:execute_on_answer=callcenter_track $1@default"/>
                  <action application="set" data="call_timeout=30"/>
                  <action application="set" data="hangup_after_bridge=true"/>
                  <action application="bridge" data="user/$1@$${domain}"/>
                </condition>
              </extension>
            </context>
            """)
    }

    private func languageEntry(_ language: CallCentrePlan.Language, of menu: CallCentrePlan.Menu) -> String {
        """
              <extension name="menu in \(language.code)">
                <condition field="destination_number" expression="^menu-\(language.code)$">
                  <action application="set" data="\(menu.languageVariable)=\(language.code)"/>
                  <action application="ivr" data="main_\(language.code)"/>
                  <action application="hangup"/>
                </condition>
              </extension>
        """
    }

    private func choiceEntry(_ choice: CallCentrePlan.Choice, of menu: CallCentrePlan.Menu) -> String {
        let number = self.plan.queues.first { $0.definition.name == choice.queue }?.extensionNumber ?? ""
        return """
                  <extension name="menu choice \(choice.key)">
                    <condition field="destination_number" expression="^menu-choice-\(choice.key)$">
                      <action application="set" data="\(menu.variable)=\(choice.value)"/>
                      <action application="transfer" data="\(number) XML default"/>
                    </condition>
                  </extension>
            """
    }

    var menus: String {
        guard let menu = self.plan.menu else { return Self.included("<!-- no menu -->") }
        func entries(_ entries: [(key: String, to: String)]) -> String {
            entries.map { "  <entry action=\"menu-exec-app\" digits=\"\($0.key)\" param=\"transfer \($0.to) XML default\"/>" }.joined(separator: "\n")
        }
        let settings =
            "invalid-sound=\"$${prompts}/invalid.wav\" exit-sound=\"silence_stream://100\" timeout=\"6000\" inter-digit-timeout=\"1000\" max-failures=\"3\" max-timeouts=\"3\" digit-len=\"1\""
        let languages = menu.languages.map { language in
            """
            <menu name="main_\(language.code)" greet-long="$${prompts}/choose-\(language.code).wav" greet-short="$${prompts}/choose-\(language.code).wav" \(settings)>
            \(entries(menu.choices.map { ($0.key, "menu-choice-\($0.key)") }))
            </menu>
            """
        }
        return Self.included(
            """
            <menu name="main" greet-long="$${prompts}/language.wav" greet-short="$${prompts}/language.wav" \(settings)>
            \(entries(menu.languages.map { ($0.key, "menu-\($0.code)") }))
            </menu>
            \(languages.joined(separator: "\n"))
            """)
    }

    /// A regular expression for the numbers, as short as they allow.
    static func pattern(_ phones: CallCentrePlan.Phones) -> String {
        (phones.first...phones.last).map(String.init).joined(separator: "|")
    }
}
