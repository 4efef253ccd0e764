/// Of this program, its document and its protocol; `screenpop --version` prints it.
public enum Version {
    public static let text = "0.3.0"
}
