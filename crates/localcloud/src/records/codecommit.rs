//! `CodeCommit`: repositories with addresses; nothing can be pushed to them.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use mysfits_sagemaker::AccountRegion;
use serde_json::{Value, json};
use uuid::Uuid;

use local_sagemaker::aws::{
    json::{ApiError, Input, member, text},
    time::ApiTimestamp,
};

/// How `X-Amz-Target` begins for this service.
pub const TARGET_PREFIX: &str = "CodeCommit_20150413";

/// The service.
#[derive(Debug)]
pub struct CodeCommit {
    owner: AccountRegion,
    repositories: Mutex<BTreeMap<String, RepositoryRecord>>,
}

#[derive(Debug)]
struct RepositoryRecord {
    id: Uuid,
    description: String,
    created: ApiTimestamp,
    tags: BTreeMap<String, String>,
}

impl RepositoryRecord {
    fn describe(&self, name: &str, owner: &AccountRegion) -> Value {
        let region = owner.region();
        json!({
            "accountId": owner.account(),
            "repositoryId": self.id.to_string(),
            "repositoryName": name,
            "repositoryDescription": self.description,
            "creationDate": Value::from(self.created),
            "lastModifiedDate": Value::from(self.created),
            "cloneUrlHttp": format!("https://git-codecommit.{region}.amazonaws.com/v1/repos/{name}"),
            "cloneUrlSsh": format!("ssh://git-codecommit.{region}.amazonaws.com/v1/repos/{name}"),
            "Arn": owner.arn("codecommit", name),
        })
    }
}

fn missing(name: &str) -> ApiError {
    ApiError::new("RepositoryDoesNotExistException", format!("{name} does not exist"))
}

fn name(input: &Input) -> Result<&str, ApiError> {
    let name = text(input, "repositoryName")?;
    let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    if name.is_empty() || name.len() > 100 || !name.bytes().all(is_name) {
        return Err(ApiError::new(
            "InvalidRepositoryNameException",
            format!("{name:?} must have 1 to 100 letters, digits, dots, hyphens and underscores"),
        ));
    }
    Ok(name)
}

impl CodeCommit {
    /// Creates the service of an account in a region, without repositories.
    pub fn new(owner: AccountRegion) -> Self {
        Self { owner, repositories: Mutex::default() }
    }

    /// Does an operation of the service.
    pub fn call(&self, operation: &str, input: &Input) -> Result<Value, ApiError> {
        let mut repositories = self.repositories.lock().unwrap_or_else(PoisonError::into_inner);
        match operation {
            "CreateRepository" => {
                let name = name(input)?;
                if repositories.contains_key(name) {
                    let message = format!("Repository named {name} already exists");
                    return Err(ApiError::new("RepositoryNameExistsException", message));
                }
                let repository = RepositoryRecord {
                    id: Uuid::new_v4(),
                    description: member(input, "repositoryDescription")?.unwrap_or_default(),
                    created: ApiTimestamp::now(),
                    tags: member(input, "tags")?.unwrap_or_default(),
                };
                let described = repository.describe(name, &self.owner);
                repositories.insert(name.to_owned(), repository);
                Ok(json!({ "repositoryMetadata": described }))
            }
            "GetRepository" => {
                let name = name(input)?;
                let repository = repositories.get(name).ok_or_else(|| missing(name))?;
                Ok(json!({ "repositoryMetadata": repository.describe(name, &self.owner) }))
            }
            "ListRepositories" => {
                let listed: Vec<Value> = repositories
                    .iter()
                    .map(|(name, repository)| {
                        json!({ "repositoryName": name, "repositoryId": repository.id.to_string() })
                    })
                    .collect();
                Ok(json!({ "repositories": listed }))
            }
            "UpdateRepositoryDescription" => {
                let name = name(input)?;
                let repository = repositories.get_mut(name).ok_or_else(|| missing(name))?;
                repository.description = member(input, "repositoryDescription")?.unwrap_or_default();
                Ok(Value::Null)
            }
            // Deleting one that is not there is no error: the answer has no id.
            "DeleteRepository" => {
                let deleted = repositories.remove(name(input)?);
                Ok(deleted.map_or_else(|| json!({}), |gone| json!({ "repositoryId": gone.id.to_string() })))
            }
            "TagResource" | "UntagResource" | "ListTagsForResource" => {
                let wanted = text(input, "resourceArn")?;
                let found =
                    repositories.iter_mut().find(|(name, _)| self.owner.arn("codecommit", name) == wanted);
                let (_, repository) = found.ok_or_else(|| missing(wanted))?;
                repository.tags.extend(member::<BTreeMap<_, _>>(input, "tags")?.unwrap_or_default());
                for key in member::<Vec<String>>(input, "tagKeys")?.unwrap_or_default() {
                    repository.tags.remove(&key);
                }
                if operation == "ListTagsForResource" {
                    return Ok(json!({ "tags": repository.tags }));
                }
                Ok(Value::Null)
            }
            other => Err(ApiError::unknown_operation(TARGET_PREFIX, other)),
        }
    }
}
