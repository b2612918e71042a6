//! What became of a link that was to be shared.

/// The outcome of sharing a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(dead_code, reason = "native builds have neither share sheet nor clipboard")
)]
pub enum ShareOutcome {
    /// The visitor shared it with the device's share sheet.
    Shared,
    /// The visitor closed the share sheet.
    Cancelled,
    /// It is in the clipboard.
    Copied,
    /// The browser can neither share nor copy it.
    Failed,
}
