import Hummingbird
import Logging
import NIOCore
import NIOPosix

@testable import ScreenPopHTTP

/// For tests alone.
enum TestKeys {
    static let rsa = """
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCmvQekyx24hIz1
        /fit7H59O/ASL/2qw4ecM2pSlULStf+l69BrFWP6mkd5dR5Kyb1SHoStxBOZouIq
        n4WJlCFBxSeXOE2q0qrqRryLLH8nYYtQzMv0frcryEXGucF7N6jkm5znny31nKT0
        J8+bIB7L6UCilwvB1qXdEdS0RYdXekBRSfEGHkPnKAS2Asna0oYZ7j7mk2Crojqu
        kpuB4olDtuYhTB1ElU23Xo4jRp1jRv6L1Kp4/7X/pe2UJTIzu9w7b0Vj8DWspla4
        aZIWvVrnwI1cDfVm50rm68BJjUkdJ/3mYHehiwZI7p4PNDjgSj2NZVr0VUxaAJmd
        YmeZUfJNAgMBAAECggEAEszel0S1ua/savIzf3zaeElxVMOngQEiAclEVEJzMeoG
        hNFVgzV6u+94XqgHfdxIZgF96U/h++FDShYJiw0yQMW3pJPbIgc18Ut/h9vBDJIx
        kK8+0fcVtTCUOYeJWtjYSMqJAw7OMlLywHrarD2Pa2OF/68zSqxmsEoJ5zetvn2i
        JyoulOze0f4y443bnlWciKbBVjvXUJaBH4OPhTExIaW+GddpttWLCdTn98Yz0hMm
        eKiF22rVM0KcAnWt5onuLuO31qKOTx3wf/x8weauyRrmG7iXSD8gj8GQBqwYHfZm
        8dp5xd/R8uvf/9jPaHjncAWYmOx1pU/CdO2EDs9g4QKBgQDavDs502EZCNYRD0Uh
        7IokXlogOqUY72Vec3TW3rPznRux2q+7VhgJy7wL51o+bapiyRR3R+5BJ4V8cWX1
        MUXMqlQsRCfbeBHJq+HbzVfMYYIvxIMNDZFK4/LJZdSMpKD2hTjKXnJJThU/CJiV
        nfdkB6Jt3Nge+3ZCk4MyniYw3QKBgQDDJQrp4Ne/fq91l14njTzVKBcS11VPHewL
        4f0mW9NoiGspezv3kRSyk7GNEkIg1WTh4uZ/g5DR8jPnAjoxnyBGcuHyBDW5gR32
        G9NmdDxb3YE86zNLH7n9EijVEbCRTX/PDqdVq6pi+/+acxEbGW7lnaE7IElZB0I8
        r3y/+ld4MQKBgQCgtvcpSLeqJkTrKfYYs+zYRf8geRZ/WL55hImPqvg7ge8sYcsG
        8X4eDHTxph43impLxQTlk5NqifhZdBR+8KIhe/D2yWkjp3giXslHr/vXrrlyEYhc
        2eAsT4o/EjP21qtyFnagsn50gAu6Ub2TCQsRk050PHULZqYAytP2KB9VfQKBgDxJ
        umhs/Vp88gobPIxtlwinfRFmE0YBEYbOR55NKjAWTT0ghHNEkCdnd6gEpwdrxeH/
        boSgieJCuIQ67O2doqQBJArYAB0SZcY97H6vlGIxOZcvdsZTw+sKbDD/aRRK5Bx9
        A3d1NIumHN6DhBpiLh+kJkaU//QQSQdkk97foZxRAoGAU7vkUKDTvRvk9fdw07gd
        rr/oPIJxyufCwerFOb/GSYBx8qV1ScliirV3xfWmU5kFk05djmLRBsN0ER57nKL1
        Q3xdQLrqVGKgUy7hg7+nYsW9xiR+yege55gWFNxIvQnyMiU0YiGTqElyodKHLHMn
        ed+XMZNv13zK48IG6D5kKB0=
        -----END PRIVATE KEY-----
        """
}

extension TestServer {
    /// A web server that answers everything with one text.
    static func serving(_ text: String, _ body: @escaping @Sendable (_ url: String) async throws -> Void) async throws {
        let router = Router()
        router.get("jwks") { _, _ in text }
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                continuation.yield(channel.localAddress?.port ?? 0)
                continuation.finish()
            }, eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), logger: AccessSite.quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            for await port in ports { try await body("http://127.0.0.1:\(port)/jwks") }
            group.cancelAll()
        }
    }
}
