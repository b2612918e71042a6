//! The stacks' parameters. Pure: computed from the caller's options and the outputs of earlier stacks.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::Parameter;
use mysfits_infra::{notebook, recommendations, sagemaker, website};

/// The parameters of one stack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters(BTreeMap<String, ParameterValue>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum ParameterValue {
    Set(String),
    Previous,
}

impl Parameters {
    /// Sets a parameter.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), ParameterValue::Set(value.into()));
        self
    }

    /// Sets a parameter unless it is set.
    #[must_use]
    pub fn or(mut self, name: &str, value: &str) -> Self {
        self.0.entry(name.to_owned()).or_insert_with(|| ParameterValue::Set(value.to_owned()));
        self
    }

    /// Keeps the values of all other parameters that both the stack and the template have: omitting a
    /// parameter does not undo a value that was set by hand.
    #[must_use]
    pub fn keep_others<'a>(
        mut self,
        of_stack: impl IntoIterator<Item = &'a String>,
        of_template: &[String],
    ) -> Self {
        for name in of_stack.into_iter().filter(|name| of_template.contains(name)) {
            self.0.entry(name.clone()).or_insert(ParameterValue::Previous);
        }
        self
    }

    /// Returns the value of a parameter, if it is set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            ParameterValue::Set(value) => Some(value),
            ParameterValue::Previous => None,
        }
    }

    /// Returns whether the existing stack's value of a parameter is kept.
    #[must_use]
    pub fn keeps(&self, name: &str) -> bool {
        self.0.get(name) == Some(&ParameterValue::Previous)
    }

    /// Returns the parameters for CloudFormation.
    #[must_use]
    pub fn written(&self) -> Vec<Parameter> {
        let parameter = |(name, value): (&String, &ParameterValue)| {
            let parameter = Parameter::builder().parameter_key(name);
            match value {
                ParameterValue::Set(value) => parameter.parameter_value(value).build(),
                ParameterValue::Previous => parameter.use_previous_value(true).build(),
            }
        };
        self.0.iter().map(parameter).collect()
    }
}

/// Returns the computed parameters of the SageMaker stack in a region. `model` is the URL of the endpoint's model; without one
/// there is no endpoint. `image` is the container's image, empty for SageMaker's; without it, the deployed one is kept.
#[must_use]
pub fn sagemaker_parameters(
    region: &str,
    model: Option<&str>,
    image: Option<&str>,
    expiry: &str,
) -> Parameters {
    use sagemaker::parameter as p;
    let parameters = match image {
        Some(image) => Parameters::default().set(p::CONTAINER_IMAGE, image),
        None => Parameters::default(),
    };
    parameters
        .set(p::KNN_REGISTRY_ACCOUNT, sagemaker::registry_account(region).unwrap_or_default())
        // Without an endpoint the template ignores the expiry; it is kept for the next endpoint.
        .set(p::ENDPOINT_EXPIRY, expiry)
        .set(p::MODEL_DATA_URL, model.unwrap_or_default())
}

/// Returns the computed parameters of the function's stack, except those of its code. `endpoint` is the endpoint's name, if the
/// backend needs one; `runtime_url` is the URL of SageMaker's runtime, if it is not the region's public address.
#[must_use]
pub fn recommendations_parameters(endpoint: Option<&str>, runtime_url: Option<&str>) -> Parameters {
    use recommendations::parameter as p;
    Parameters::default()
        .set(p::ENDPOINT_NAME, endpoint.unwrap_or_default())
        .set(p::SAGEMAKER_RUNTIME_URL, runtime_url.filter(|_| endpoint.is_some()).unwrap_or_default())
}

/// Returns the computed parameters of the notebook's stack: outputs of the SageMaker stack. Returns `None` if one is missing.
#[must_use]
pub fn notebook_parameters(sagemaker: &BTreeMap<String, String>) -> Option<Parameters> {
    use notebook::parameter as p;
    use sagemaker::output;
    let parameters = Parameters::default()
        .set(p::DATA_BUCKET_NAME, sagemaker.get(output::DATA_BUCKET_NAME)?)
        .set(p::TRAINING_ROLE_ARN, sagemaker.get(output::TRAINING_ROLE_ARN)?)
        .set(p::MODEL_ROLE_ARN, sagemaker.get(output::MODEL_ROLE_ARN)?)
        .set(
            p::ENCRYPTION_KEY_ARN,
            sagemaker.get(output::ENCRYPTION_KEY_ARN).map(String::as_str).unwrap_or_default(),
        );
    Some(parameters)
}

/// Returns the parameters of the site's stack, with the origins that the page may call, separated by spaces, and the host of the API that
/// serves the pages of results.
#[must_use]
pub fn website_parameters(api_origins: &str, result_pages_host: &str) -> Parameters {
    use website::parameter as p;
    Parameters::default().set(p::API_ORIGINS, api_origins).set(p::RESULT_PAGES_HOST, result_pages_host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_expiry_without_an_endpoint() {
        use sagemaker::parameter as p;
        let expiry = "2026-11-22T21:30:00";
        let none = sagemaker_parameters("eu-west-1", None, None, expiry);
        assert_eq!((none.get(p::MODEL_DATA_URL), none.get(p::ENDPOINT_EXPIRY)), (Some(""), Some(expiry)));
        let there = sagemaker_parameters("eu-west-1", Some("s3://b/m"), Some("r/i"), expiry);
        assert_eq!(there.get(p::MODEL_DATA_URL), Some("s3://b/m"));
        assert_eq!(there.get(p::ENDPOINT_EXPIRY), Some(expiry));
        assert_eq!((none.get(p::CONTAINER_IMAGE), there.get(p::CONTAINER_IMAGE)), (None, Some("r/i")));
    }

    #[test]
    fn sets_the_registry_of_the_region() {
        let account = |region| {
            let parameters = sagemaker_parameters(region, None, None, "");
            parameters.get(sagemaker::parameter::KNN_REGISTRY_ACCOUNT).map(str::to_owned)
        };
        assert_eq!(account("eu-central-2").as_deref(), Some("680994064768"));
        assert_eq!(account("ap-southeast-7").as_deref(), Some(""));
    }

    #[test]
    fn the_notebook_gets_the_bucket_and_the_roles_of_the_sagemaker_stack() {
        use notebook::parameter as p;
        use sagemaker::output as o;
        let outputs = [o::DATA_BUCKET_NAME, o::TRAINING_ROLE_ARN, o::MODEL_ROLE_ARN]
            .map(|name| (name.to_owned(), format!("the {name}")))
            .into();
        let parameters = notebook_parameters(&outputs).expect("complete");
        assert_eq!(parameters.get(p::DATA_BUCKET_NAME), Some("the DataBucketName"));
        assert_eq!(parameters.get(p::TRAINING_ROLE_ARN), Some("the TrainingRoleArn"));
        assert_eq!(parameters.get(p::MODEL_ROLE_ARN), Some("the ModelRoleArn"));
        assert_eq!(parameters.get(p::ENCRYPTION_KEY_ARN), Some(""));
        assert_eq!(notebook_parameters(&BTreeMap::new()), None);
    }

    #[test]
    fn an_embedded_function_has_no_endpoint() {
        use recommendations::parameter as p;
        let embedded = recommendations_parameters(None, Some("http://runtime"));
        assert_eq!(
            (embedded.get(p::ENDPOINT_NAME), embedded.get(p::SAGEMAKER_RUNTIME_URL)),
            (Some(""), Some(""))
        );
        let fallback = recommendations_parameters(Some("knn-x"), Some("http://runtime"));
        assert_eq!(fallback.get(p::ENDPOINT_NAME), Some("knn-x"));
        assert_eq!(fallback.get(p::SAGEMAKER_RUNTIME_URL), Some("http://runtime"));
    }

    #[test]
    fn keeps_values_set_by_hand_and_drops_removed_parameters() {
        let of_stack = ["ApiOrigins", "PriceClass", "Gone"].map(str::to_owned);
        let of_template = ["ApiOrigins", "PriceClass", "New"].map(str::to_owned);
        let parameters = website_parameters("https://a", "a.example").keep_others(&of_stack, &of_template);
        let written = parameters.written();
        let find = |name: &str| written.iter().find(|p| p.parameter_key() == Some(name));
        assert_eq!(find("ApiOrigins").and_then(Parameter::parameter_value), Some("https://a"));
        assert_eq!(find("ResultPagesHost").and_then(Parameter::parameter_value), Some("a.example"));
        assert_eq!(find("PriceClass").and_then(Parameter::use_previous_value), Some(true));
        assert!(find("Gone").is_none() && find("New").is_none());
    }
}
