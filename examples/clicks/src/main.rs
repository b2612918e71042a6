//! Where a site's clicks are kept, as a typed template: a stream, the bucket behind it, and a role that may do no more
//! than carry the one to the other. (The workshop's module 5, as far as it needs a stack.)
//!
//! The language is `mysfits-infra`'s, the resource types are this project's own.

mod resources;

use mysfits_infra::{
    Template, TemplateError,
    cfn::{
        Condition, Draft, Logic, Parameter, PolicyDocument, Removal, Statement, Text, attribute, either,
        logical_id, sub,
    },
};
use resources::{Bucket, DeliveryStream, Destination, Policy, PublicAccessBlock, Role};

const BUCKET: &str = logical_id("Clicks");
const ROLE: &str = logical_id("Carrier");
const STREAM: &str = logical_id("Stream");
const COMPRESS: &str = "Compress";
const COMPRESSED: Condition = Condition("Compressed");

/// The draft, with an output that asks the stream for an attribute.
fn draft(asked: &'static str) -> Draft {
    let mut draft = Draft::new("Where a site's clicks are kept");
    draft.parameter(
        COMPRESS,
        Parameter::choice("Whether clicks are kept compressed", &["yes", "no"]).or("yes"),
    );
    draft.condition(COMPRESSED, Logic::Equals(COMPRESS, "yes"));

    let closed = PublicAccessBlock {
        block_public_acls: true,
        block_public_policy: true,
        ignore_public_acls: true,
        restrict_public_buckets: true,
    };
    draft.add(BUCKET, Bucket { public_access_block_configuration: closed }).on_removal(Removal::Retain);

    let objects = [sub(format!("${{{BUCKET}.Arn}}/*"))];
    let may = PolicyDocument::new([Statement::allow("PutClicks", &["s3:PutObject"], objects)]);
    let role = Role {
        assume_role_policy_document: PolicyDocument::trust("firehose.amazonaws.com"),
        policies: [Policy { policy_name: "put-clicks", policy_document: may }],
    };
    draft.add(ROLE, role);

    let destination = Destination {
        bucket_arn: attribute(BUCKET, "Arn"),
        role_arn: attribute(ROLE, "Arn"),
        compression_format: either(COMPRESSED, Text::from("GZIP"), "UNCOMPRESSED"),
        prefix: "clicks/",
    };
    let stream = DeliveryStream {
        delivery_stream_type: "DirectPut",
        extended_s3_destination_configuration: destination,
    };
    draft.add(STREAM, stream);
    draft.output("StreamArn", "Where a site puts its clicks", attribute(STREAM, asked));
    draft
}

/// The template, every reference followed.
fn template() -> Result<Template, TemplateError> {
    draft("Arn").finish()
}

fn main() -> Result<(), TemplateError> {
    print!("{}", template()?.yaml());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_holds() {
        let template = template().unwrap();
        let kinds: Vec<_> = template.resources().map(|resource| resource.kind).collect();
        assert_eq!(kinds, ["AWS::S3::Bucket", "AWS::IAM::Role", "AWS::KinesisFirehose::DeliveryStream"]);
    }

    #[test]
    fn a_reference_that_does_not_is_refused() {
        assert_eq!(
            draft("Url").finish().unwrap_err().to_string(),
            "Outputs.StreamArn.Value refers to the attribute Url of Stream; AWS::KinesisFirehose::DeliveryStream has Arn"
        );
    }
}
