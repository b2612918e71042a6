//! Application Auto Scaling, for SageMaker's variants: targets and policies; nothing is ever scaled.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use mysfits_sagemaker::AccountRegion;
use serde_json::{Value, json};
use uuid::Uuid;

use local_sagemaker::{
    aws::{
        json::{ApiError, Input, member, required, text},
        time::ApiTimestamp,
    },
    control_plane::SageMakerService,
};

/// How `X-Amz-ScalableTargetRecord` begins for this service.
pub const TARGET_PREFIX: &str = "AnyScaleFrontendService";

const NAMESPACE: &str = "sagemaker";
const DIMENSION: &str = "sagemaker:variant:DesiredInstanceCount";

/// The service.
#[derive(Debug)]
pub struct AutoScaling {
    owner: AccountRegion,
    sagemaker: SageMakerService,
    targets: Mutex<BTreeMap<String, ScalableTargetRecord>>,
}

#[derive(Debug)]
struct ScalableTargetRecord {
    arn: String,
    min: u32,
    max: u32,
    created: ApiTimestamp,
    policies: BTreeMap<String, ScalingPolicyRecord>,
}

#[derive(Debug)]
struct ScalingPolicyRecord {
    arn: String,
    input: Input,
    created: ApiTimestamp,
}

fn not_found(message: String) -> ApiError {
    ApiError::new("ObjectNotFoundException", message)
}

/// The variant that is scaled, `endpoint/<name>/variant/<name>`.
fn resource(input: &Input) -> Result<(&str, &str, &str), ApiError> {
    let (namespace, dimension) = (text(input, "ServiceNamespace")?, text(input, "ScalableDimension")?);
    if namespace != NAMESPACE || dimension != DIMENSION {
        return Err(ApiError::validation(format!(
            "{namespace} {dimension} cannot be scaled here: only {NAMESPACE} {DIMENSION} can"
        )));
    }
    let id = text(input, "ResourceId")?;
    let variant = id.strip_prefix("endpoint/").and_then(|rest| rest.split_once("/variant/"));
    let (endpoint, variant) = variant.ok_or_else(|| {
        ApiError::validation(format!("The resource ID {id:?} must be endpoint/<name>/variant/<name>"))
    })?;
    Ok((id, endpoint, variant))
}

impl AutoScaling {
    /// The service for the variants of this one, in an account and a region.
    #[must_use]
    pub fn new(owner: AccountRegion, sagemaker: SageMakerService) -> Self {
        Self { owner, sagemaker, targets: Mutex::default() }
    }

    /// Does an operation of the service.
    pub fn call(&self, operation: &str, input: &Input) -> Result<Value, ApiError> {
        let mut targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        match operation {
            "RegisterScalableTarget" => self.register(&mut targets, input),
            "DescribeScalableTargets" => Ok(json!({ "ScalableTargets": described(&targets, input)? })),
            "DeregisterScalableTarget" => {
                let (id, ..) = resource(input)?;
                let removed = targets.remove(id);
                removed.map(|_| json!({})).ok_or_else(|| {
                    not_found(format!(
                        "No scalable target found for service namespace: {NAMESPACE}, resource ID: {id}"
                    ))
                })
            }
            "PutScalingPolicy" => put_policy(&mut targets, input, &self.owner),
            "DescribeScalingPolicies" => {
                let policies: Vec<Value> = targets
                    .values()
                    .flat_map(|target| target.policies.values())
                    .map(|policy| {
                        let mut described = Value::from(policy.input.clone());
                        described["PolicyARN"] = policy.arn.as_str().into();
                        described["CreationTime"] = policy.created.into();
                        described
                    })
                    .collect();
                Ok(json!({ "ScalingPolicies": policies }))
            }
            "DeleteScalingPolicy" => {
                let (id, ..) = resource(input)?;
                let name = text(input, "PolicyName")?;
                let removed = targets.get_mut(id).and_then(|target| target.policies.remove(name));
                removed.map(|_| json!({})).ok_or_else(|| {
                    not_found(format!("No scaling policy found for resource ID: {id}, name: {name}"))
                })
            }
            other => Err(ApiError::unknown_operation(TARGET_PREFIX, other)),
        }
    }

    fn register(
        &self,
        targets: &mut BTreeMap<String, ScalableTargetRecord>,
        input: &Input,
    ) -> Result<Value, ApiError> {
        let (id, endpoint, variant) = resource(input)?;
        if !self.sagemaker.has_variant(endpoint, variant) {
            let message = format!("There is no variant {variant} of an endpoint {endpoint} to be scaled");
            return Err(ApiError::validation(message));
        }
        if input.contains_key("ScheduledActions") {
            return Err(ApiError::validation("ScheduledActions are not emulated here"));
        }
        let known = targets.get(id);
        // A target that is registered again keeps what the request leaves out.
        let capacity = |name, before: Option<u32>| match member(input, name)?.or(before) {
            Some(capacity) => Ok::<u32, ApiError>(capacity),
            None => required(input, name),
        };
        let min = capacity("MinCapacity", known.map(|target| target.min))?;
        let max = capacity("MaxCapacity", known.map(|target| target.max))?;
        if min > max {
            let message = format!("Maximum capacity {max} cannot be less than minimum capacity {min}");
            return Err(ApiError::validation(message));
        }
        let target = targets.entry(id.to_owned()).or_insert_with(|| ScalableTargetRecord {
            arn: self.owner.arn("application-autoscaling", &format!("scalable-target/{}", Uuid::new_v4())),
            min,
            max,
            created: ApiTimestamp::now(),
            policies: BTreeMap::new(),
        });
        (target.min, target.max) = (min, max);
        Ok(json!({ "ScalableTargetARN": target.arn }))
    }
}

fn described(
    targets: &BTreeMap<String, ScalableTargetRecord>,
    input: &Input,
) -> Result<Vec<Value>, ApiError> {
    let ids: Option<Vec<String>> = member(input, "ResourceIds")?;
    let wanted = |id: &String| ids.as_ref().is_none_or(|ids| ids.contains(id));
    let described = targets.iter().filter(|(id, _)| wanted(id)).map(|(id, target)| {
        json!({
            "ServiceNamespace": NAMESPACE,
            "ScalableDimension": DIMENSION,
            "ResourceId": id,
            "MinCapacity": target.min,
            "MaxCapacity": target.max,
            "CreationTime": Value::from(target.created),
        })
    });
    Ok(described.collect())
}

fn put_policy(
    targets: &mut BTreeMap<String, ScalableTargetRecord>,
    input: &Input,
    owner: &AccountRegion,
) -> Result<Value, ApiError> {
    let (id, ..) = resource(input)?;
    let name = text(input, "PolicyName")?;
    let target = targets.get_mut(id).ok_or_else(|| {
        not_found(format!(
            "No scalable target registered for service namespace: {NAMESPACE}, resource ID: {id}"
        ))
    })?;
    let policy = target.policies.entry(name.to_owned()).or_insert_with(|| ScalingPolicyRecord {
        arn: owner.arn(
            "autoscaling",
            &format!("scalingPolicy:{}:resource/{NAMESPACE}/{id}:policyName/{name}", Uuid::new_v4()),
        ),
        input: Input::new(),
        created: ApiTimestamp::now(),
    });
    policy.input.clone_from(input);
    Ok(json!({ "PolicyARN": policy.arn, "Alarms": [] }))
}
