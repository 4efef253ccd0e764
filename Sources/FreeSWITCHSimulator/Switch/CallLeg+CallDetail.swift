import OrderedCollections

extension CallLeg {
    /// The variables FreeSWITCH adds when a leg has ended: stamps, epochs and durations of every phase.
    mutating func setCallDetail(cause: String) {
        let times = self.times
        let end = times.hungUp
        self.variables["hangup_cause"] = cause
        self.variables["hangup_cause_q850"] = Self.q850[cause] ?? "16"
        self.variables["digits_dialed"] = "none"
        func stamp(_ name: String, _ time: Int64) {
            if time > 0 { self.variables["\(name)_stamp"] = SwitchTime.local(time) }
        }
        func epoch(_ name: String, _ time: Int64) {
            self.variables["\(name)_epoch"] = String(time / 1_000_000)
            self.variables["\(name)_uepoch"] = String(time)
        }
        stamp("start", times.created)
        stamp("profile_start", times.profileCreated)
        stamp("answer", times.answered)
        stamp("bridge", times.bridged)
        stamp("hold", times.lastHold)
        stamp("progress", times.progress)
        stamp("end", end)
        epoch("start", times.created)
        epoch("profile_start", times.profileCreated)
        epoch("answer", times.answered)
        epoch("bridge", times.bridged)
        epoch("last_hold", times.lastHold)
        if !times.holds.isEmpty {
            self.variables["hold_events"] = "{" + times.holds.map { "{\($0.from),\($0.until)}" }.joined(separator: ",") + "}"
        }
        self.variables["hold_accum_seconds"] = String(times.holdAccumulated / 1_000_000)
        self.variables["hold_accum_usec"] = String(times.holdAccumulated)
        self.variables["hold_accum_ms"] = String(times.holdAccumulated / 1000)
        epoch("resurrect", 0)
        epoch("progress", times.progress)
        epoch("progress_media", 0)
        epoch("end", end)
        if !self.application.isEmpty {
            self.variables["last_app"] = self.application
            if !self.applicationData.isEmpty { self.variables["last_arg"] = self.applicationData }
        }
        self.variables["caller_id"] = "\"\(self.profile.callerName)\" <\(self.profile.callerNumber)>"
        func since(_ start: Int64, _ stop: Int64) -> Int64 { start > 0 && stop > start ? stop - start : 0 }
        let spans: KeyValuePairs<String, Int64> = [
            "duration": since(times.created, end), "bill": since(times.answered, end), "progress": since(times.created, times.progress),
            "answer": since(times.created, times.answered), "wait": since(times.created, times.bridged), "progress_media": 0,
            "flow_bill": since(times.created, end),
        ]
        for (unit, divisor) in [("", 1_000_000), ("m", 1000), ("u", 1)] as [(String, Int64)] {
            for (name, span) in spans {
                let key = name == "duration" ? "\(unit)duration" : "\(name)\(unit)sec"
                self.variables[key] = String(span / divisor)
            }
        }
    }

    private static let q850 = [
        "USER_BUSY": "17", "NO_ANSWER": "19", "CALL_REJECTED": "21", "DESTINATION_OUT_OF_ORDER": "27", "USER_NOT_REGISTERED": "20",
        "NO_ROUTE_DESTINATION": "3",
    ]
}
