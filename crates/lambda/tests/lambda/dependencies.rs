//! What must not get into the program: the SDK's old HTTP stack, and the C library for TLS that spends 40 ms on the
//! first connection.

use std::process::Command;

#[test]
fn the_program_has_one_http_stack_and_ring() {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let output = Command::new(cargo)
        .args([
            "tree",
            "--offline",
            "--locked",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--package",
            "mysfits-lambda",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let tree = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let has = |crate_: &str| tree.lines().any(|line| line.starts_with(crate_));
    assert!(has("hyper v1.") && has("rustls v0.23.") && has("ring v"), "{tree}");
    for unwanted in ["hyper v0.", "h2 v0.3", "rustls v0.21", "aws-lc-", "aws-config ", "rcgen ", "openssl"] {
        assert!(!has(unwanted), "{unwanted} is there: {tree}");
    }
}
