// swift-tools-version: 6.2

import PackageDescription

/// Every target of ours is built with the same strictness. A warning is an error: a warning nobody reads hides the one that matters.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket: Target.Dependency = .product(name: "NIOWebSocket", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioTestUtils: Target.Dependency = .product(name: "NIOTestUtils", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1: Target.Dependency = .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let ordered: Target.Dependency = .product(name: "OrderedCollections", package: "swift-collections")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let coreMetrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let lifecycleTestKit: Target.Dependency = .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let jwtKit: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")

let package = Package(
    name: "screenpop",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "screenpop", targets: ["screenpop"]),
        .library(name: "EventSocket", targets: ["EventSocket"]),
        .library(name: "CallCenter", targets: ["CallCenter"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The system libraries. Nothing but Hiredis imports CHiredis.
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),

        // Imports run one way, from the bottom of this list to the top.
        .target(name: "EventSocket", dependencies: [nioCore, nioPosix, deque, logging], swiftSettings: strict),
        .target(name: "CallCenter", dependencies: ["EventSocket"], swiftSettings: strict),
        .target(
            name: "Hiredis",
            dependencies: ["CHiredis", nioCore, nioPosix, nioSSL, deque, logging],
            swiftSettings: strict + [.strictMemorySafety()]
        ),
        .target(name: "ScreenPop", dependencies: ["CallCenter", "EventSocket", ordered], swiftSettings: strict),
        .target(name: "ScreenPopStore", dependencies: ["ScreenPop", "CallCenter", "Hiredis", nioCore, logging], swiftSettings: strict),
        .target(
            name: "ScreenPopService",
            dependencies: [
                "ScreenPop", "ScreenPopStore", "CallCenter", "EventSocket", "Hiredis", nioCore, nioPosix, logging, metrics, coreMetrics, lifecycle,
                deque,
            ],
            swiftSettings: strict
        ),
        .target(
            name: "ScreenPopHTTP",
            dependencies: [
                "ScreenPop", "ScreenPopStore", "ScreenPopService", "CallCenter", "COpenSSL",
                hummingbird, hummingbirdCore, httpTypes, nioCore, nioPosix, nioHTTP1, nioWebSocket, nioSSL,
                nioHTTPTypes, nioHTTPTypesHTTP1, logging, metrics, coreMetrics, lifecycle, deque, jwtKit, asyncHTTPClient,
            ],
            resources: [.embedInCode("Pages")],
            swiftSettings: strict
        ),
        .target(
            name: "FreeSWITCHSimulator",
            dependencies: ["CallCenter", "EventSocket", nioCore, nioPosix, logging, lifecycle, deque, ordered],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "screenpop",
            dependencies: [
                "ScreenPop", "ScreenPopStore", "ScreenPopService", "ScreenPopHTTP", "FreeSWITCHSimulator", "CallCenter", "EventSocket", "Hiredis",
                argumentParser, configuration, yams, asyncHTTPClient, nioCore, nioPosix, nioSSL, nioHTTP1, logging, metrics, lifecycle, unixSignals,
            ],
            swiftSettings: strict
        ),

        // Tests: a target per target; Integration needs a real redis-server, which scripts/test installs.
        .target(name: "RecordingsSupport", dependencies: ["EventSocket", nioCore], path: "Tests/RecordingsSupport", swiftSettings: strict),
        .testTarget(
            name: "EventSocketTests", dependencies: ["EventSocket", "RecordingsSupport", nioCore, nioPosix, nioEmbedded, nioTestUtils, logging],
            swiftSettings: strict),
        .testTarget(
            name: "CallCenterTests", dependencies: ["CallCenter", "EventSocket", "RecordingsSupport", nioCore], swiftSettings: strict),
        .target(name: "RedisServerSupport", path: "Tests/RedisServerSupport", swiftSettings: strict),
        .testTarget(
            name: "HiredisTests",
            dependencies: ["Hiredis", "RedisServerSupport", nioCore, nioPosix, nioEmbedded, nioTestUtils, logging], swiftSettings: strict),
        .testTarget(
            name: "ScreenPopStoreTests",
            dependencies: ["ScreenPopStore", "ScreenPop", "CallCenter", "Hiredis", "RedisServerSupport", nioCore, nioPosix, logging],
            swiftSettings: strict),
        .testTarget(
            name: "ScreenPopTests", dependencies: ["ScreenPop", "CallCenter", "EventSocket", "RecordingsSupport", nioCore], swiftSettings: strict),
        .testTarget(
            name: "ScreenPopServiceTests",
            dependencies: [
                "ScreenPopService", "ScreenPopStore", "ScreenPop", "CallCenter", "EventSocket", "Hiredis", "FreeSWITCHSimulator", "RecordingsSupport",
                "RedisServerSupport", nioCore, nioPosix, nioEmbedded, logging, lifecycle,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ScreenPopHTTPTests",
            dependencies: [
                "ScreenPopHTTP", "ScreenPopService", "ScreenPopStore", "ScreenPop", "CallCenter", "Hiredis", "RedisServerSupport", nioCore, nioPosix,
                nioEmbedded, nioHTTP1, nioWebSocket, nioSSL, httpTypes, hummingbird, hummingbirdCore, coreMetrics, logging, lifecycle,
                lifecycleTestKit, jwtKit,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "FreeSWITCHSimulatorTests",
            dependencies: ["FreeSWITCHSimulator", "CallCenter", "EventSocket", "ScreenPop", "RecordingsSupport", nioCore, nioPosix, logging],
            swiftSettings: strict),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "screenpop", "ScreenPopHTTP", "ScreenPopService", "CallCenter", "EventSocket", "FreeSWITCHSimulator", "Hiredis", argumentParser,
                asyncHTTPClient, nioCore, nioPosix, nioSSL, logging, lifecycle,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "screenpop", "FreeSWITCHSimulator", "ScreenPopHTTP", "ScreenPopService", "ScreenPopStore", "ScreenPop", "CallCenter", "EventSocket",
                "Hiredis", "RecordingsSupport", "RedisServerSupport", asyncHTTPClient, httpTypes, nioCore, nioPosix, nioHTTP1, nioWebSocket, logging,
                lifecycle,
            ],
            path: "Tests/Integration",
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
