//! Code that is compiled for several sets of instructions, of which the processor's widest is used.

/// Calls `work`, compiled for AVX-512 or AVX2 if the processor has them. All that `work` calls must be inlined.
///
/// The results are the same: instructions that multiply and add with one rounding are only used where code asks for them.
#[inline(always)]
#[allow(clippy::inline_always, reason = "code is compiled for other instructions only where it is inlined")]
pub(crate) fn vectorized<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(v4) = pulp::x86::V4::try_new() {
            return v4.vectorize(work);
        }
        if let Some(v3) = pulp::x86::V3::try_new() {
            return v3.vectorize(work);
        }
    }
    work()
}
