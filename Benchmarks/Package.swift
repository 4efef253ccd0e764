// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "screenpop-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "screenpop", path: ".."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    ],
    targets: [
        .executableTarget(
            name: "EventDecoding",
            dependencies: [.product(name: "EventSocket", package: "screenpop"), .product(name: "NIOCore", package: "swift-nio")])
    ],
    swiftLanguageModes: [.v6]
)
