//! Services that templates name and nothing here needs: their records are kept, and forgotten when they are deleted.

pub mod autoscaling;
pub mod codecommit;

pub use autoscaling::AutoScaling;
pub use codecommit::CodeCommit;
