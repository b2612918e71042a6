//! CloudFormation: drift, which is the difference between resources and their template.

use std::time::Duration;

use aws_sdk_cloudformation::types::{
    StackDriftDetectionStatus, StackResourceDrift, StackResourceDriftStatus,
};
use mysfits_infra::Stack;

use super::{Aws, stacks::stack_error};
use crate::{error::DeployError, poll::poll};

/// How long a detection may take.
const TIMEOUT: Duration = Duration::from_mins(15);

impl Aws {
    /// Detects drift: returns the resources of a stack that differ from its template.
    ///
    /// # Errors
    /// [`DeployError::DriftDetection`] if CloudFormation could not compare a resource.
    pub(crate) async fn drift(&self, stack: Stack) -> Result<Vec<String>, DeployError> {
        let request = self.cloudformation.detect_stack_drift().stack_name(self.stack_name(stack));
        let begun = request.send().await.map_err(stack_error!("DetectStackDrift"))?;
        let id = begun.stack_drift_detection_id().unwrap_or_default();
        let failure = poll(format!("drift detection of {}", self.stack_name(stack)), TIMEOUT, async || {
            let request =
                self.cloudformation.describe_stack_drift_detection_status().stack_drift_detection_id(id);
            let answer = request.send().await.map_err(stack_error!("DescribeStackDriftDetectionStatus"))?;
            Ok::<_, DeployError>(match answer.detection_status() {
                Some(StackDriftDetectionStatus::DetectionInProgress) => None,
                Some(StackDriftDetectionStatus::DetectionComplete) => Some(None),
                _ => Some(Some(answer.detection_status_reason().unwrap_or("no reason given").to_owned())),
            })
        })
        .await?;
        match failure {
            Some(reason) => Err(DeployError::DriftDetection { stack: self.stack_name(stack), reason }),
            None => self.drifted(stack).await,
        }
    }

    async fn drifted(&self, stack: Stack) -> Result<Vec<String>, DeployError> {
        let mut drifted = Vec::new();
        let mut token = None;
        loop {
            let request = self
                .cloudformation
                .describe_stack_resource_drifts()
                .stack_name(self.stack_name(stack))
                .stack_resource_drift_status_filters(StackResourceDriftStatus::Modified)
                .stack_resource_drift_status_filters(StackResourceDriftStatus::Deleted)
                .set_next_token(token);
            let page = request.send().await.map_err(stack_error!("DescribeStackResourceDrifts"))?;
            drifted.extend(page.stack_resource_drifts().iter().filter_map(line));
            token = page.next_token().map(str::to_owned);
            if token.is_none() {
                return Ok(drifted);
            }
        }
    }
}

/// Describes a resource's drift; returns `None` if it has none.
fn line(resource: &StackResourceDrift) -> Option<String> {
    let status = resource.stack_resource_drift_status()?;
    if !matches!(status, StackResourceDriftStatus::Modified | StackResourceDriftStatus::Deleted) {
        return None;
    }
    let id = resource.logical_resource_id().unwrap_or_default();
    let paths = resource.property_differences().iter().filter_map(|difference| difference.property_path());
    let paths = paths.collect::<Vec<_>>().join(", ");
    Some(format!("{id}: {} {paths}", status.as_str().to_lowercase()).trim_end().to_owned())
}
