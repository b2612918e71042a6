//! A checked template.

use serde_yaml::Value;

use super::{Draft, TemplateError, check, draft::without_nulls, render};

/// A template whose references were checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    document: Value,
}

/// A resource of a template.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resource<'a> {
    /// Its name in the template.
    pub logical_id: &'a str,
    /// Its type, `AWS::S3::Bucket`.
    pub kind: &'a str,
    /// The condition under which it exists.
    pub condition: Option<&'a str>,
    /// Its properties.
    pub properties: &'a Value,
}

impl Draft {
    /// Returns the template, if all its references are valid.
    ///
    /// # Errors
    /// [`TemplateError`] with the place of the first invalid reference.
    ///
    /// # Panics
    /// If the draft does not consist of plain values, which is a bug in its types.
    pub fn finish(self) -> Result<Template, TemplateError> {
        check::check(&self)?;
        let mut document = serde_yaml::to_value(&self).expect("a draft is a struct of plain values");
        without_nulls(&mut document);
        if let Value::Mapping(sections) = &mut document {
            sections.retain(|_, section| section.as_mapping().is_none_or(|map| !map.is_empty()));
        }
        Ok(Template { document })
    }
}

impl Template {
    /// Returns the template as YAML with the same meaning in YAML 1.1 and 1.2.
    #[must_use]
    pub fn yaml(&self) -> String {
        render::yaml(&self.document)
    }

    /// Returns the whole template.
    #[must_use]
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// Returns the resources, in the template's order.
    pub fn resources(&self) -> impl Iterator<Item = Resource<'_>> {
        self.section("Resources").map(|(logical_id, resource)| Resource {
            logical_id,
            kind: resource["Type"].as_str().unwrap_or_default(),
            condition: resource["Condition"].as_str(),
            properties: &resource["Properties"],
        })
    }

    /// Returns the names of the parameters, in the template's order.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.section("Parameters").map(|(name, _)| name)
    }

    /// Returns the default of a parameter, if it has one.
    #[must_use]
    pub fn default_of(&self, parameter: &str) -> Option<&str> {
        self.document["Parameters"][parameter]["Default"].as_str()
    }

    /// Returns the names of the outputs, in the template's order.
    pub fn outputs(&self) -> impl Iterator<Item = &str> {
        self.section("Outputs").map(|(name, _)| name)
    }

    fn section(&self, name: &str) -> impl Iterator<Item = (&str, &Value)> {
        let section = self.document.get(name).and_then(Value::as_mapping);
        section.into_iter().flatten().filter_map(|(name, value)| Some((name.as_str()?, value)))
    }
}
