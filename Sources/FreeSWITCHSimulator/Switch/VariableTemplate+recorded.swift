/// The channel variables of the recorded calls, by what has just happened.
extension VariableTemplate {
    /// The caller's leg when it arrives.
    static let inboundCreated = VariableTemplate(
        #"""
        direction=inbound
        uuid={uuid}
        call_uuid={uuid}
        session_id={id}
        sip_from_user={number}
        sip_from_port={port}
        sip_from_uri={number}@127.0.0.1:{port}
        sip_from_host=127.0.0.1
        video_media_flow=disabled
        text_media_flow=disabled
        channel_name=sofia/internal/{number}@127.0.0.1:{port}
        sip_call_id={id}-19442@127.0.0.1
        sip_local_network_addr=127.0.0.1
        sip_network_ip=127.0.0.1
        sip_network_port={port}
        sip_invite_stamp={created}
        sip_received_ip=127.0.0.1
        sip_received_port={port}
        sip_via_protocol=udp
        sip_from_user_stripped={number}
        sip_from_tag=19442SIPpTag001
        sofia_profile_name=internal
        sofia_profile_url=sip:mod_sofia@127.0.0.1:5060
        recovery_profile_name=internal
        sip_full_via=SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-19442-{id}-1
        sip_from_display={name}
        sip_full_from="{name}" <sip:{number}@127.0.0.1:{port}>;tag=19442SIPpTag001
        sip_full_to=<sip:{destination}@127.0.0.1:5060>
        sip_req_user={destination}
        sip_req_port=5060
        sip_req_uri={destination}@127.0.0.1:5060
        sip_req_host=127.0.0.1
        sip_to_user={destination}
        sip_to_port=5060
        sip_to_uri={destination}@127.0.0.1:5060
        sip_to_host=127.0.0.1
        sip_contact_user={number}
        sip_contact_port={port}
        sip_contact_uri={number}@127.0.0.1:{port}
        sip_contact_host=127.0.0.1
        sip_via_host=127.0.0.1
        sip_via_port={port}
        max_forwards=70
        switch_r_sdp=v=0%0D%0Ao=user1 53655765 2353687637 IN IP4 127.0.0.1%0D%0As=-%0D%0Ac=IN IP4 127.0.0.1%0D%0At=0 0%0D%0Am=audio 47220 RTP/AVP 0%0D%0Aa=rtpmap:0 PCMU/8000%0D%0A
        ep_codec_string=CORE_PCM_MODULE.PCMU@8000h@20i@64000b
        rtp_use_codec_string=PCMU,PCMA
        remote_video_media_flow=inactive
        remote_text_media_flow=inactive
        remote_audio_media_flow=sendrecv
        audio_media_flow=sendrecv
        remote_media_ip=127.0.0.1
        remote_media_port=47220
        rtp_audio_recv_pt=0
        rtp_use_codec_name=PCMU
        rtp_use_codec_rate=8000
        rtp_use_codec_ptime=20
        rtp_use_codec_channels=1
        rtp_last_audio_codec_string=PCMU@8000h@20i@1c
        read_codec=PCMU
        original_read_codec=PCMU
        read_rate=8000
        original_read_rate=8000
        write_codec=PCMU
        write_rate=8000
        dtmf_type=info
        endpoint_disposition=RECEIVED
        """#)

    /// The dialplan has answered the caller.
    static let inboundAnswered = VariableTemplate(
        #"""
        DP_MATCH=ARRAY::{destination}|:{destination}
        max_forwards=69
        transfer_history={seconds}:{transfer}:bl_xfer:{destination}/default/XML
        transfer_source={seconds}:{transfer}:bl_xfer:{destination}/default/XML
        current_application=answer
        rtp_local_sdp_str=v=0%0D%0Ao=FreeSWITCH 1795356309 1795356310 IN IP4 127.0.0.1%0D%0As=FreeSWITCH%0D%0Ac=IN IP4 127.0.0.1%0D%0At=0 0%0D%0Am=audio 30520 RTP/AVP 0%0D%0Aa=rtpmap:0 PCMU/8000%0D%0Aa=ptime:20%0D%0Aa=sendrecv%0D%0A
        local_media_ip=127.0.0.1
        local_media_port=30520
        advertised_media_ip=127.0.0.1
        rtp_use_pt=0
        rtp_use_ssrc=655188710
        """#)

    /// The caller's phone has confirmed the answer.
    static let inboundAcknowledged = VariableTemplate(
        #"""
        sip_to_tag=tKX8Se559cBKD
        sip_cseq=1
        sip_full_via=SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-19442-{id}-6
        sip_full_to=<sip:{destination}@127.0.0.1:5060>;tag=tKX8Se559cBKD
        """#)

    /// mod_callcenter has the caller.
    static let queued = VariableTemplate(
        #"""
        endpoint_disposition=ANSWER
        cc_export_vars=ivr_choice,crm_id
        current_application_data={queue}
        current_application=callcenter
        cc_side=member
        cc_member_uuid={member}
        cc_queue_joined_epoch={joined}
        cc_queue={queue}
        """#)

    /// The caller and the agent's leg are about to be joined by mod_callcenter.
    static let queueBridging = VariableTemplate(
        #"""
        transfer_history=ARRAY::{seconds}:{transfer}:bl_xfer:{destination}/default/XML|:{seconds}:{transfer}:uuid_br:{other}
        cc_agent_uuid={other}
        bridge_channel=sofia/internal/{otherAddress}
        bridge_uuid={other}
        signal_bond={other}
        original_destination_number={destination}
        original_caller_id_name={name}
        original_caller_id_number={number}
        transfer_source={seconds}:{transfer}:uuid_br:{other}
        playback_last_offset_pos=320
        playback_seconds=2
        playback_ms=2048
        playback_samples=16384
        cc_cause=answered
        """#)

    /// They are joined.
    static let queueBridged = VariableTemplate(
        #"""
        bridge_to={other}
        last_bridge_to={other}
        cc_agent_bridged=true
        last_sent_callee_id_name=Outbound Call
        last_sent_callee_id_number={otherNumber}
        cc_agent={agent}
        """#)

    /// The leg to an agent's phone, made by mod_callcenter. It holds a whole event's headers as variables.
    static let agentLegCreated = VariableTemplate(
        #"""
        direction=outbound
        is_outbound=true
        uuid={uuid}
        call_uuid={uuid}
        session_id={id}
        sip_local_network_addr=127.0.0.1
        sip_profile_name=internal
        video_media_flow=disabled
        text_media_flow=disabled
        channel_name=sofia/internal/{address}
        sip_destination_url=sip:{address}
        Event-Name=REQUEST_PARAMS
        Core-UUID={core}
        FreeSWITCH-Hostname=vm
        FreeSWITCH-Switchname=vm
        FreeSWITCH-IPv4=192.0.2.2
        FreeSWITCH-IPv6=fd00::2
        Event-Date-Local={local}
        Event-Date-GMT={gmt}
        Event-Date-Timestamp={timestamp}
        Event-Calling-File=mod_callcenter.c
        Event-Calling-Function=outbound_agent_thread_run
        Event-Calling-Line-Number=1755
        Event-Sequence={sequence}
        cc_queue={queue}
        cc_queue_joined_epoch={joined}
        cc_member_uuid={member}
        cc_member_session_uuid={other}
        cc_member_pre_answer_uuid={member}
        cc_agent={agent}
        cc_agent_type=Callback
        cc_side=agent
        loopback_bowout=false
        loopback_bowout_on_execute=false
        ignore_early_media=true
        origination_caller_id_name={name}
        origination_caller_id_number={number}
        originate_early_media=false
        originate_endpoint=sofia
        rtp_use_codec_string=PCMU,PCMA
        local_media_ip=127.0.0.1
        local_media_port=26148
        advertised_media_ip=127.0.0.1
        audio_media_flow=sendrecv
        rtp_local_sdp_str=v=0%0D%0Ao=FreeSWITCH 1795360682 1795360683 IN IP4 127.0.0.1%0D%0As=FreeSWITCH%0D%0Ac=IN IP4 127.0.0.1%0D%0At=0 0%0D%0Am=audio 26148 RTP/AVP 0 8 101 13%0D%0Aa=rtpmap:0 PCMU/8000%0D%0Aa=rtpmap:8 PCMA/8000%0D%0Aa=rtpmap:101 telephone-event/8000%0D%0Aa=fmtp:101 0-15%0D%0Aa=rtpmap:13 CN/8000%0D%0Aa=ptime:20%0D%0Aa=sendrecv%0D%0A
        sip_outgoing_contact_uri=<sip:mod_sofia@127.0.0.1:5060>
        sip_req_uri={address}
        sip_to_host={host}:{port}
        sip_from_host=127.0.0.1
        sofia_profile_name=internal
        recovery_profile_name=internal
        sofia_profile_url=sip:mod_sofia@127.0.0.1:5060
        """#)

    /// A leg that `originate` makes.
    static let originatedLegCreated = VariableTemplate(
        #"""
        direction=outbound
        is_outbound=true
        uuid={uuid}
        call_uuid={uuid}
        session_id={id}
        sip_local_network_addr=127.0.0.1
        sip_profile_name=internal
        video_media_flow=disabled
        text_media_flow=disabled
        channel_name=sofia/internal/{address}
        sip_destination_url=sip:{address}
        originate_early_media=true
        originate_endpoint=sofia
        rtp_use_codec_string=PCMU,PCMA
        local_media_ip=127.0.0.1
        local_media_port=26574
        advertised_media_ip=127.0.0.1
        audio_media_flow=sendrecv
        rtp_local_sdp_str=v=0%0D%0Ao=FreeSWITCH 1795361544 1795361545 IN IP4 127.0.0.1%0D%0As=FreeSWITCH%0D%0Ac=IN IP4 127.0.0.1%0D%0At=0 0%0D%0Am=audio 26574 RTP/AVP 0 8 101 13%0D%0Aa=rtpmap:0 PCMU/8000%0D%0Aa=rtpmap:8 PCMA/8000%0D%0Aa=rtpmap:101 telephone-event/8000%0D%0Aa=fmtp:101 0-15%0D%0Aa=rtpmap:13 CN/8000%0D%0Aa=ptime:20%0D%0Aa=sendrecv%0D%0A
        sip_outgoing_contact_uri=<sip:mod_sofia@127.0.0.1:5060>
        sip_req_uri={address}
        sip_to_host={host}:{port}
        sip_from_host=127.0.0.1
        sofia_profile_name=internal
        recovery_profile_name=internal
        sofia_profile_url=sip:mod_sofia@127.0.0.1:5060
        """#)

    /// A leg that stood by is taken for a member.
    static let standbyFetched = VariableTemplate(
        #"""
        cc_side=agent
        cc_queue={queue}
        cc_agent={agent}
        cc_agent_type=uuid-standby
        cc_member_uuid={member}
        cc_member_session_uuid={other}
        """#)

    /// A phone rings.
    static let legRinging = VariableTemplate(
        #"""
        sip_reply_host={host}
        sip_reply_port={port}
        sip_network_ip={host}
        sip_network_port={port}
        sip_recover_contact=<sip:{host}:{port};transport=UDP>
        sip_full_via=SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bKtc1Q2XveUmjUH
        sip_recover_via=SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bKtc1Q2XveUmjUH
        sip_from_display={name}
        sip_full_from="{name}" <sip:{number}@127.0.0.1>;tag=Uvp1U9N96N15r
        sip_full_to=<sip:{address}>;tag=19441SIPpTag011
        sip_from_user={number}
        sip_from_uri={number}@127.0.0.1
        sip_to_user={otherNumber}
        sip_to_port={port}
        sip_to_uri={address}
        sip_to_host={host}
        sip_contact_params=transport=UDP
        sip_contact_user=nobody
        sip_contact_port={port}
        sip_contact_uri=nobody@{host}:{port}
        sip_contact_host={host}
        sip_to_tag=19441SIPpTag011
        sip_from_tag=Uvp1U9N96N15r
        sip_cseq=1231{id}
        sip_call_id={uuid}
        """#)

    /// A phone was answered.
    static let legAnswered = VariableTemplate(
        #"""
        switch_r_sdp=v=0%0D%0Ao=user1 53655765 2353687637 IN IP4 127.0.0.1%0D%0As=-%0D%0Ac=IN IP4 127.0.0.1%0D%0At=0 0%0D%0Am=audio 40004 RTP/AVP 0%0D%0Aa=rtpmap:0 PCMU/8000%0D%0A
        ep_codec_string=CORE_PCM_MODULE.PCMU@8000h@20i@64000b
        remote_video_media_flow=inactive
        remote_text_media_flow=inactive
        remote_audio_media_flow=sendrecv
        rtp_audio_recv_pt=0
        rtp_use_codec_name=PCMU
        rtp_use_codec_rate=8000
        rtp_use_codec_ptime=20
        rtp_use_codec_channels=1
        rtp_last_audio_codec_string=PCMU@8000h@20i@1c
        read_codec=PCMU
        original_read_codec=PCMU
        read_rate=8000
        original_read_rate=8000
        write_codec=PCMU
        write_rate=8000
        dtmf_type=info
        rtp_use_pt=0
        rtp_use_ssrc=990192582
        remote_media_ip=127.0.0.1
        remote_media_port=40004
        """#)

    /// The agent's leg is joined to the caller.
    static let agentLegBridged = VariableTemplate(
        #"""
        original_destination_number={otherNumber}
        original_caller_id_name={name}
        original_caller_id_number={number}
        transfer_history={seconds}:{transfer}:uuid_br:{other}
        transfer_source={seconds}:{transfer}:uuid_br:{other}
        call_uuid={other}
        bridge_to={other}
        last_bridge_to={other}
        bridge_channel={otherName}
        bridge_uuid={other}
        signal_bond={other}
        cc_agent_bridged=true
        last_sent_callee_id_name={name}
        last_sent_callee_id_number={number}
        """#)

    /// The dialplan bridges the caller to a phone without a queue.
    static let directDialing = VariableTemplate(
        #"""
        max_forwards=69
        transfer_history={seconds}:{transfer}:bl_xfer:{destination}/default/XML
        transfer_source={seconds}:{transfer}:bl_xfer:{destination}/default/XML
        DP_MATCH=ARRAY::{destination}|:{destination}
        current_application_data=sofia/internal/{otherAddress}
        current_application=bridge
        originate_disposition=failure
        DIALSTATUS=INVALIDARGS
        """#)

    /// That phone rings.
    static let directRinging = VariableTemplate(
        #"""
        originate_signal_bond={other}
        originated_legs={other};Outbound Call;{otherNumber}
        sip_to_tag=raQQajQNKtXaD
        """#)

    /// That phone refused.
    static let directRefused = VariableTemplate(
        #"""
        originate_signal_bond={other}
        originated_legs={other};Outbound Call;{otherNumber}
        sip_hangup_phrase=Busy Here
        last_bridge_proto_specific_hangup_cause=sip:486
        """#)

    /// That phone was answered, so the caller is.
    static let directAnswered = VariableTemplate(
        #"""
        rtp_local_sdp_str=v=0%0D%0Ao=FreeSWITCH 1795356309 1795356310 IN IP4 127.0.0.1%0D%0As=FreeSWITCH%0D%0Ac=IN IP4 127.0.0.1%0D%0At=0 0%0D%0Am=audio 30520 RTP/AVP 0%0D%0Aa=rtpmap:0 PCMU/8000%0D%0Aa=ptime:20%0D%0Aa=sendrecv%0D%0A
        local_media_ip=127.0.0.1
        local_media_port=30520
        advertised_media_ip=127.0.0.1
        rtp_use_pt=0
        rtp_use_ssrc=655188710
        switch_m_sdp=v=0%0D%0Ao=user1 53655765 2353687637 IN IP4 127.0.0.1%0D%0As=-%0D%0Ac=IN IP4 127.0.0.1%0D%0At=0 0%0D%0Am=audio 40004 RTP/AVP 0%0D%0Aa=rtpmap:0 PCMU/8000%0D%0A
        video_media_flow=inactive
        text_media_flow=inactive
        """#)

    /// The caller is joined to that phone.
    static let directBridged = VariableTemplate(
        #"""
        endpoint_disposition=ANSWER
        originate_disposition=SUCCESS
        DIALSTATUS=SUCCESS
        - originate_signal_bond
        originate_causes={other};NONE
        signal_bond={other}
        bridge_to={other}
        last_bridge_to={other}
        bridge_channel=sofia/internal/{otherAddress}
        bridge_uuid={other}
        last_sent_callee_id_name=Outbound Call
        last_sent_callee_id_number={otherNumber}
        """#)

    /// The leg to that phone.
    static let directLegCreated = VariableTemplate(
        #"""
        direction=outbound
        is_outbound=true
        uuid={uuid}
        session_id={id}
        sip_local_network_addr=127.0.0.1
        sip_profile_name=internal
        text_media_flow=disabled
        channel_name=sofia/internal/{address}
        sip_destination_url=sip:{address}
        max_forwards=68
        originator_codec=PCMU@8000h@20i
        originator={other}
        signal_bond={other}
        switch_m_sdp=v=0%0D%0Ao=user1 53655765 2353687637 IN IP4 127.0.0.1%0D%0As=-%0D%0Ac=IN IP4 127.0.0.1%0D%0At=0 0%0D%0Am=audio 47220 RTP/AVP 0%0D%0Aa=rtpmap:0 PCMU/8000%0D%0A
        call_uuid={other}
        originate_early_media=true
        originating_leg_uuid={other}
        originate_endpoint=sofia
        rtp_use_codec_string=PCMU@8000h@20i
        local_media_ip=127.0.0.1
        local_media_port=27274
        advertised_media_ip=127.0.0.1
        audio_media_flow=sendrecv
        video_media_flow=inactive
        rtp_local_sdp_str=v=0%0D%0Ao=FreeSWITCH 1795362696 1795362697 IN IP4 127.0.0.1%0D%0As=FreeSWITCH%0D%0Ac=IN IP4 127.0.0.1%0D%0At=0 0%0D%0Am=audio 27274 RTP/AVP 0 101 13%0D%0Aa=rtpmap:0 PCMU/8000%0D%0Aa=rtpmap:101 telephone-event/8000%0D%0Aa=fmtp:101 0-15%0D%0Aa=rtpmap:13 CN/8000%0D%0Aa=ptime:20%0D%0Aa=sendrecv%0D%0A
        sip_outgoing_contact_uri=<sip:mod_sofia@127.0.0.1:5060>
        sip_req_uri={address}
        sip_to_host={host}:{port}
        sip_from_host=127.0.0.1
        sofia_profile_name=internal
        recovery_profile_name=internal
        sofia_profile_url=sip:mod_sofia@127.0.0.1:5060
        """#)

    /// That leg is joined to the caller.
    static let directLegBridged = VariableTemplate(
        #"""
        endpoint_disposition=ANSWER
        bridge_to={other}
        last_bridge_to={other}
        bridge_channel={otherName}
        bridge_uuid={other}
        last_sent_callee_id_name={name}
        last_sent_callee_id_number={number}
        """#)

    /// What a leg that had sound reports at its end.
    static let mediaStatistics = VariableTemplate(
        #"""
        rtp_audio_in_raw_bytes=0
        rtp_audio_in_media_bytes=0
        rtp_audio_in_packet_count=0
        rtp_audio_in_media_packet_count=0
        rtp_audio_in_skip_packet_count=2
        rtp_audio_in_jitter_packet_count=0
        rtp_audio_in_dtmf_packet_count=0
        rtp_audio_in_cng_packet_count=0
        rtp_audio_in_flush_packet_count=0
        rtp_audio_in_largest_jb_size=0
        rtp_audio_in_jitter_min_variance=0.00
        rtp_audio_in_jitter_max_variance=0.00
        rtp_audio_in_jitter_loss_rate=0.00
        rtp_audio_in_jitter_burst_rate=0.00
        rtp_audio_in_mean_interval=0.00
        rtp_audio_in_flaw_total=0
        rtp_audio_in_quality_percentage=100.00
        rtp_audio_in_mos=4.50
        rtp_audio_out_raw_bytes=0
        rtp_audio_out_media_bytes=0
        rtp_audio_out_packet_count=0
        rtp_audio_out_media_packet_count=0
        rtp_audio_out_skip_packet_count=0
        rtp_audio_out_dtmf_packet_count=0
        rtp_audio_out_cng_packet_count=0
        rtp_audio_rtcp_packet_count=0
        rtp_audio_rtcp_octet_count=0
        """#)
}
