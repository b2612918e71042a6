//! Model package groups and model packages: records of versioned models, and the containers of models that are created from
//! them.
//!
//! A versioned package has a group and a number in it, from 1, which is not given twice; its ARN ends with
//! `model-package/GROUP/NUMBER`. An unversioned one has a name. A package is complete at once: nothing is validated. The approval
//! status is recorded, and does not prevent a model.
//!
//! Recorded without effect: what describes a package (metrics, drift baselines, domain, task, sample payload, metadata, model
//! card and life cycle). Everything else is refused by name.

use std::fmt::Debug;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    SageMakerService,
    members::refuse_others,
    names::{self, RecordKind},
    store::{Completed, NewRecord, Record, RecordData, StoredData},
};
use crate::aws::{
    json::{ApiError, Input, member, required, text},
    time::ApiTimestamp,
};

/// The service's limit for the containers of a package.
const MAX_CONTAINERS: usize = 15;
const PENDING: &str = "PendingManualApproval";
const APPROVAL_STATUSES: [&str; 3] = ["Approved", "Rejected", PENDING];
/// The members that describe a package and can be changed later.
const CHANGEABLE: [&str; 6] = [
    "ModelApprovalStatus",
    "ApprovalDescription",
    "CustomerMetadataProperties",
    "SourceUri",
    "ModelCard",
    "ModelLifeCycle",
];

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct ModelPackageGroup {
    /// The number of the last package.
    last_version: u32,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ModelPackage {
    /// Group and number of a versioned package.
    version: Option<(String, u32)>,
    containers: Vec<PackageContainer>,
}

/// What a model of a package runs.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PackageContainer {
    image: String,
    model_data_url: Option<String>,
}

impl RecordData for ModelPackageGroup {
    const KIND: RecordKind = RecordKind::MODEL_PACKAGE_GROUP;

    fn status(&self) -> Option<&dyn Debug> {
        Some(&Completed)
    }

    fn summarize(record: &Record<Self>, entry: &mut Input) {
        let description = record.input.get_key_value("ModelPackageGroupDescription");
        entry.extend(description.map(|(name, value)| (name.clone(), value.clone())));
    }

    fn describe(_record: &Record<Self>, described: &mut Input) {
        described.insert("CreatedBy".to_owned(), json!({}));
    }
}

impl ModelPackage {
    fn new(input: &Input, version: Option<(String, u32)>) -> Result<Self, ApiError> {
        let specification: Input = required(input, "InferenceSpecification")?;
        let members = [
            "Containers",
            "SupportedTransformInstanceTypes",
            "SupportedRealtimeInferenceInstanceTypes",
            "SupportedContentTypes",
            "SupportedResponseMIMETypes",
        ];
        refuse_others(&specification, "InferenceSpecification.", &members)?;
        let containers: Vec<PackageContainer> = required(&specification, "Containers")?;
        if !(1..=MAX_CONTAINERS).contains(&containers.len()) {
            return Err(ApiError::validation(format!(
                "InferenceSpecification.Containers must have 1 to {MAX_CONTAINERS} containers"
            )));
        }
        Ok(Self { version, containers })
    }

    /// Adds the members that a description and an entry in a list have.
    fn extend(record: &Record<Self>, members: &mut Input) {
        for name in ["ModelPackageDescription", "ModelApprovalStatus"] {
            members.extend(record.input.get(name).map(|value| (name.to_owned(), value.clone())));
        }
        if let Some((group, number)) = &record.data.version {
            for name in ["ModelPackageName", "ModelPackageGroupName"] {
                members.insert(name.to_owned(), group.as_str().into());
            }
            members.insert("ModelPackageVersion".to_owned(), (*number).into());
        }
    }
}

impl RecordData for ModelPackage {
    const KIND: RecordKind = RecordKind::MODEL_PACKAGE;

    fn status(&self) -> Option<&dyn Debug> {
        Some(&Completed)
    }

    fn summarize(record: &Record<Self>, entry: &mut Input) {
        Self::extend(record, entry);
    }

    fn describe(record: &Record<Self>, described: &mut Input) {
        Self::extend(record, described);
        described.remove("ClientToken");
        described.entry("CertifyForMarketplace").or_insert(false.into());
        described.insert("ModelPackageStatusDetails".to_owned(), json!({ "ValidationStatuses": [] }));
        described.insert("CreatedBy".to_owned(), json!({}));
        if record.modified > record.created {
            described.insert("LastModifiedTime".to_owned(), record.modified.into());
        }
    }
}

impl StoredData for ModelPackageGroup {}

impl StoredData for ModelPackage {}

/// Returns the name in a name or an ARN: `GROUP/NUMBER` for a versioned package.
fn name_or_arn(text: &str) -> &str {
    let resource = text.strip_prefix("arn:").and_then(|rest| rest.split_once('/'));
    resource.map_or(text, |(_, name)| name)
}

fn check_approval(input: &Input) -> Result<(), ApiError> {
    match member::<String>(input, "ModelApprovalStatus")? {
        Some(status) if !APPROVAL_STATUSES.contains(&status.as_str()) => Err(ApiError::constraint(
            &status,
            "modelApprovalStatus",
            &format!("Member must satisfy enum value set: [{}]", APPROVAL_STATUSES.join(", ")),
        )),
        _ => Ok(()),
    }
}

impl SageMakerService {
    pub(super) fn create_model_package_group(&self, input: &Input) -> Result<Value, ApiError> {
        let members = ["ModelPackageGroupName", "ModelPackageGroupDescription", "Tags"];
        refuse_others(input, "", &members)?;
        let kind = RecordKind::MODEL_PACKAGE_GROUP;
        let mut state = self.state();
        let group =
            state.package_groups.insert(NewRecord::new(kind, input)?, ModelPackageGroup::default())?;
        Ok(self.arn_only(kind, &group.name))
    }

    pub(super) fn describe_model_package_group(&self, input: &Input) -> Result<Value, ApiError> {
        self.state().package_groups.describe(&with_name(input, "ModelPackageGroupName")?)
    }

    pub(super) fn delete_model_package_group(&self, input: &Input) -> Result<Value, ApiError> {
        let input = with_name(input, "ModelPackageGroupName")?;
        let mut state = self.state();
        let group = state.package_groups.get(&RecordKind::MODEL_PACKAGE_GROUP.name(&input)?)?.name.clone();
        let is_in_group = |package: &Record<ModelPackage>| {
            package.data.version.as_ref().is_some_and(|(of, _)| *of == group)
        };
        if state.packages.values().any(is_in_group) {
            return Err(ApiError::new(
                "ConflictException",
                format!("The model package group {group} cannot be deleted: it still has model packages"),
            ));
        }
        state.package_groups.delete(&input)
    }

    pub(super) fn create_model_package(&self, input: &Input) -> Result<Value, ApiError> {
        let members = [
            "ModelPackageName",
            "ModelPackageGroupName",
            "ModelPackageDescription",
            "InferenceSpecification",
            "ModelApprovalStatus",
            "Tags",
            // Without effect.
            "ClientToken",
            "CertifyForMarketplace",
            "SkipModelValidation",
            "MetadataProperties",
            "ModelMetrics",
            "DriftCheckBaselines",
            "Domain",
            "Task",
            "SamplePayloadUrl",
            "CustomerMetadataProperties",
            "SourceUri",
            "ModelCard",
            "ModelLifeCycle",
        ];
        refuse_others(input, "", &members)?;
        check_approval(input)?;
        let mut input = input.clone();
        let mut state = self.state();
        let (name, version) = match (input.get("ModelPackageName"), input.get("ModelPackageGroupName")) {
            (Some(_), None) => {
                if input.contains_key("ModelApprovalStatus") {
                    return Err(ApiError::validation(
                        "ModelApprovalStatus is for versioned model packages, which have a ModelPackageGroupName",
                    ));
                }
                (RecordKind::MODEL_PACKAGE.name(&input)?, None)
            }
            (None, Some(_)) => {
                let group = name_or_arn(text(&input, "ModelPackageGroupName")?);
                let group = state.package_groups.get_mut(group)?;
                ModelPackage::new(&input, None)?;
                group.data.last_version += 1;
                let number = group.data.last_version;
                input.entry("ModelApprovalStatus").or_insert(PENDING.into());
                (format!("{}/{number}", group.name), Some((group.name.clone(), number)))
            }
            _ => {
                return Err(ApiError::validation(
                    "There must be either a ModelPackageName or a ModelPackageGroupName",
                ));
            }
        };
        let package = ModelPackage::new(&input, version)?;
        let package = state.packages.insert(NewRecord::named(name, &input)?, package)?;
        Ok(self.arn_only(RecordKind::MODEL_PACKAGE, &package.name))
    }

    pub(super) fn describe_model_package(&self, input: &Input) -> Result<Value, ApiError> {
        let name = package_name(input, "ModelPackageName")?;
        self.state().packages.described(&name)
    }

    pub(super) fn delete_model_package(&self, input: &Input) -> Result<Value, ApiError> {
        self.state().packages.remove(&package_name(input, "ModelPackageName")?)?;
        Ok(Value::Null)
    }

    pub(super) fn update_model_package(&self, input: &Input) -> Result<Value, ApiError> {
        let others = ["ModelPackageArn", "CustomerMetadataPropertiesToRemove", "ClientToken"];
        refuse_others(input, "", &[CHANGEABLE.as_slice(), &others].concat())?;
        check_approval(input)?;
        let removed: Vec<String> = member(input, "CustomerMetadataPropertiesToRemove")?.unwrap_or_default();
        let mut state = self.state();
        let package = state.packages.get_mut(&package_name(input, "ModelPackageArn")?)?;
        for name in CHANGEABLE {
            let Some(value) = input.get(name).filter(|value| !value.is_null()) else { continue };
            match (package.input.get_mut(name), value) {
                (Some(Value::Object(properties)), Value::Object(added))
                    if name == "CustomerMetadataProperties" =>
                {
                    properties.extend(added.clone());
                }
                _ => drop(package.input.insert(name.to_owned(), value.clone())),
            }
        }
        if let Some(Value::Object(properties)) = package.input.get_mut("CustomerMetadataProperties") {
            properties.retain(|name, _| !removed.contains(name));
        }
        package.modified = ApiTimestamp::now();
        Ok(self.arn_only(RecordKind::MODEL_PACKAGE, &package.name))
    }

    /// Lists packages: those of a group, or by default the unversioned ones.
    pub(super) fn list_model_packages(&self, input: &Input) -> Result<Value, ApiError> {
        let mut input = input.clone();
        let group: Option<String> = member(&input, "ModelPackageGroupName")?;
        let group = group.map(|group| name_or_arn(&group).to_ascii_lowercase());
        let approval: Option<String> = member(&input, "ModelApprovalStatus")?;
        let of_type: Option<String> = member(&input, "ModelPackageType")?;
        let of_type = of_type.as_deref().unwrap_or(if group.is_some() { "Versioned" } else { "Unversioned" });
        if !["Versioned", "Unversioned", "Both"].contains(&of_type) {
            let constraint = "Member must satisfy enum value set: [Versioned, Unversioned, Both]";
            return Err(ApiError::constraint(of_type, "modelPackageType", constraint));
        }
        for name in ["ModelPackageGroupName", "ModelApprovalStatus", "ModelPackageType"] {
            input.remove(name);
        }
        let is_wanted = |package: &Record<ModelPackage>| {
            let version = package.data.version.as_ref();
            let in_group = group
                .as_ref()
                .is_none_or(|group| version.is_some_and(|(of, _)| of.eq_ignore_ascii_case(group)));
            let status = package.input.get("ModelApprovalStatus").and_then(Value::as_str);
            in_group
                && (of_type == "Both" || version.is_some() == (of_type == "Versioned"))
                && (approval.is_none() || approval.as_deref() == status)
        };
        self.state().packages.list_selected(&input, is_wanted)
    }

    /// Returns a request to create a model in which the package of a container is replaced by what the package runs.
    pub(super) fn with_packages(&self, input: &Input) -> Result<Input, ApiError> {
        let mut input = input.clone();
        if let Some(Value::Object(container)) = input.get_mut("PrimaryContainer") {
            self.replace_package(container)?;
        }
        if let Some(Value::Array(containers)) = input.get_mut("Containers") {
            for container in containers.iter_mut().filter_map(Value::as_object_mut) {
                self.replace_package(container)?;
            }
        }
        Ok(input)
    }

    fn replace_package(&self, container: &mut Input) -> Result<(), ApiError> {
        let Some(package) = member::<String>(container, "ModelPackageName")? else { return Ok(()) };
        if ["Image", "ModelDataUrl", "ModelDataSource"].iter().any(|name| container.contains_key(*name)) {
            return Err(ApiError::validation(
                "A container with a ModelPackageName must have neither Image nor ModelDataUrl",
            ));
        }
        let state = self.state();
        let package = state.packages.get(name_or_arn(&package))?;
        let [PackageContainer { image, model_data_url }] = package.data.containers.as_slice() else {
            return Err(ApiError::validation(format!(
                "The model package {} has {} containers; one is emulated here",
                package.name,
                package.data.containers.len()
            )));
        };
        container.remove("ModelPackageName");
        container.insert("Image".to_owned(), image.as_str().into());
        container.insert("ModelDataUrl".to_owned(), model_data_url.as_deref().into());
        Ok(())
    }
}

fn package_name(input: &Input, member: &str) -> Result<String, ApiError> {
    let name = name_or_arn(text(input, member)?);
    let (group, number) = name.split_once('/').unwrap_or((name, "1"));
    names::check_pattern(group, member)?;
    if number.parse::<u32>().is_err() {
        let constraint = "Member must be the name or the ARN of a model package";
        return Err(ApiError::constraint(name, member, constraint));
    }
    Ok(name.to_owned())
}

/// Returns the request with the name instead of an ARN.
fn with_name(input: &Input, member: &str) -> Result<Input, ApiError> {
    let mut named = input.clone();
    named.insert(member.to_owned(), name_or_arn(text(input, member)?).into());
    Ok(named)
}
