//! The search for what remains after `destroy`: by stack, name and tag. Services decide what exists.

use std::time::Duration;

use mysfits_infra::{
    Stack,
    names::{log_groups, notebook},
    sagemaker::KEY_DESCRIPTION,
};

use crate::{
    aws::{
        existence::{Existence, parts},
        logs::group_of,
        tagging::Tagged,
    },
    deployer::StackDeployer,
    error::DeployError,
    poll::poll,
};

/// How long deleted resources may still be listed.
const LISTING_DELAY: Duration = Duration::from_mins(2);
/// The region of `CloudFront`'s resources.
const CLOUDFRONT_REGION: &str = "us-east-1";

/// The result of a search.
#[derive(Debug, Default)]
struct Leftovers {
    /// Resources of ours.
    left: Vec<String>,
    /// What could not be searched, and what carries our tag but is not ours.
    notes: Vec<String>,
}

impl StackDeployer {
    /// Searches until nothing of ours is found; returns notes about the rest.
    ///
    /// # Errors
    /// [`DeployError::Left`] if resources remain.
    pub(crate) async fn verify_nothing_remains(&self) -> Result<Vec<String>, DeployError> {
        self.console.doing("waiting until deleted resources are no longer listed");
        let mut found = Leftovers::default();
        let searched = poll("the search for remaining resources", LISTING_DELAY, async || {
            found = Leftovers::default();
            found.left = self.inventory().await?.lines();
            self.search_by_tag(&mut found).await?;
            self.search_cloudfront(&mut found).await;
            Ok(found.left.is_empty().then_some(()))
        })
        .await;
        match searched {
            Err(DeployError::Timeout { .. }) => Err(DeployError::Left { left: found.left }),
            Err(error) => Err(error),
            Ok(()) => Ok(found.notes),
        }
    }

    async fn search_by_tag(&self, found: &mut Leftovers) -> Result<(), DeployError> {
        let region = &self.aws.region;
        for tagged in self.aws.tagged(region).await? {
            self.examine(&tagged, found).await?;
        }
        if self.aws.partition != "aws" || region == CLOUDFRONT_REGION {
            return Ok(());
        }
        match self.aws.tagged(CLOUDFRONT_REGION).await {
            // Everything else there belongs to that region's deployment.
            Ok(elsewhere) => {
                for tagged in elsewhere.iter().filter(|tagged| parts(&tagged.arn).0 == "cloudfront") {
                    self.examine(tagged, found).await?;
                }
            }
            // Organizations may forbid other regions.
            Err(error) => found.notes.push(format!(
                "cannot search for tagged CloudFront resources, which are in {CLOUDFRONT_REGION}: {error}"
            )),
        }
        Ok(())
    }

    /// Searches for CloudFront's resources without tags, by name.
    async fn search_cloudfront(&self, found: &mut Leftovers) {
        let prefix = format!("{}-{}-", self.aws.stack_name(Stack::Website), self.aws.region);
        match self.aws.cloudfront_names(&prefix).await {
            Ok(names) => {
                found
                    .left
                    .extend(names.into_iter().map(|name| format!("CloudFront policy or function {name}")));
            }
            Err(error) => {
                found.notes.push(format!("cannot search for CloudFront policies by name: {error}"));
            }
        }
    }

    /// Asks the service of a tagged resource about it.
    async fn examine(&self, tagged: &Tagged, found: &mut Leftovers) -> Result<(), DeployError> {
        let arn = &tagged.arn;
        let (service, resource) = parts(arn);
        match self.aws.existence(arn).await {
            Existence::Deleted => {}
            Existence::Unknown(reason) => found.notes.push(format!("{arn} carries our tags; {reason}")),
            Existence::Exists(description) => {
                let tags = tagged.tags.iter().map(|tag| tag.value.as_str());
                let texts: Vec<_> = [description.as_str()].into_iter().chain(tags).collect();
                if !self.is_named_by_us(arn, &texts) {
                    found
                        .notes
                        .push(format!("{arn} carries our tags, but this tool did not create it: kept"));
                } else if service != "cloudfront" || self.is_here(resource, &texts) {
                    found.left.push(arn.clone());
                }
            }
        }
        Ok(())
    }

    /// Returns whether the ARN, the description or the tags of a resource hold a name that this tool or its stacks give.
    fn is_named_by_us(&self, arn: &str, texts: &[&str]) -> bool {
        let (_, resource) = parts(arn);
        let names = Stack::ALL.map(|stack| self.aws.stack_name(stack).to_lowercase());
        let has_stack = |text: &str| {
            let text = text.to_lowercase();
            names.iter().any(|name| text.contains(name.as_str()))
        };
        has_stack(resource)
            || texts.iter().any(|text| has_stack(text) || text.contains(KEY_DESCRIPTION))
            || resource == self.artifact_bucket()
            || group_of(resource).starts_with(&log_groups(&self.aws.stage))
            || resource
                .rsplit('/')
                .next()
                .is_some_and(|name| self.is_named(name) || name == notebook(&self.aws.stage))
    }

    /// Returns whether a global resource is of this region's deployment: its name or description holds the region. One that
    /// holds no region is of any.
    fn is_here(&self, name: &str, texts: &[&str]) -> bool {
        let region = self.aws.region.as_str();
        let all = || texts.iter().copied().chain([name]);
        all().any(|text| text.contains(region)) || !all().any(has_region)
    }
}

/// Returns whether a text holds the name of a region, such as `eu-west-1`.
fn has_region(text: &str) -> bool {
    let words: Vec<_> = text.split(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit()).collect();
    words.windows(3).any(|words| {
        let [area, direction, number] = words else { return false };
        let directions = ["north", "south", "east", "west", "central"];
        area.len() == 2
            && directions.iter().any(|known| direction.contains(known))
            && number.parse::<u8>().is_ok()
    })
}

#[cfg(test)]
mod tests {
    use mysfits_infra::Stage;

    use super::*;
    use crate::{aws::tests::fake_service::FakeService, console::Console};

    /// Examines a tagged resource whose service responds like this.
    async fn examined(arn: &str, status: u16, response: &str) -> Leftovers {
        let (_, aws) = FakeService::start(&[(status, response)]).await;
        let deployer = StackDeployer { aws, console: Console::for_json() };
        let mut found = Leftovers::default();
        let tagged = Tagged { arn: arn.to_owned(), tags: Vec::new() };
        deployer.examine(&tagged, &mut found).await.unwrap();
        found
    }

    #[test]
    fn recognizes_names_of_regions() {
        for text in ["site-eu-west-1", "bucket.s3.ap-southeast-3.amazonaws.com", "us-gov-west-1 us-east-1"] {
            assert!(has_region(text), "{text}");
        }
        for text in ["MythicalMysfits-Website-routes", "E1ABC", "north-1", "the east-side-2"] {
            assert!(!has_region(text), "{text}");
        }
    }

    const DISTRIBUTION: &str = "arn:aws:cloudfront::123456789012:distribution/E1";
    const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/k";

    #[tokio::test]
    async fn a_deleted_resource_that_the_tagging_api_still_lists_is_no_leftover() {
        let gone = "<ErrorResponse><Error><Code>NoSuchDistribution</Code></Error></ErrorResponse>";
        let found = examined(DISTRIBUTION, 404, gone).await;
        assert!(found.left.is_empty() && found.notes.is_empty(), "{found:?}");
    }

    #[tokio::test]
    async fn a_distribution_of_this_region_is_a_leftover_in_every_region() {
        let of = |region: &str| {
            let bucket = Stack::Website.name(&Stage::DEFAULT).to_lowercase();
            format!(
                "<Distribution><Id>E1</Id><ARN>{DISTRIBUTION}</ARN><Status>Deployed</Status>\
                 <LastModifiedTime>2026-11-30T16:00:00Z</LastModifiedTime>\
                 <InProgressInvalidationBatches>0</InProgressInvalidationBatches>\
                 <DomainName>d1.cloudfront.net</DomainName><DistributionConfig><CallerReference>r</CallerReference>\
                 <Origins><Quantity>1</Quantity><Items><Origin><Id>site</Id>\
                 <DomainName>{bucket}-sitebucket-x.s3.{region}.amazonaws.com</DomainName></Origin></Items></Origins>\
                 <DefaultCacheBehavior><TargetOriginId>site</TargetOriginId>\
                 <ViewerProtocolPolicy>https-only</ViewerProtocolPolicy></DefaultCacheBehavior><Comment/>\
                 <Enabled>true</Enabled></DistributionConfig></Distribution>"
            )
        };
        assert_eq!(examined(DISTRIBUTION, 200, &of("eu-west-1")).await.left, [DISTRIBUTION]);
        let found = examined(DISTRIBUTION, 200, &of("us-east-2")).await;
        assert!(found.left.is_empty() && found.notes.is_empty(), "{found:?}");
    }

    #[tokio::test]
    async fn a_key_pending_deletion_is_no_leftover() {
        let key = |state: &str| {
            format!(
                r#"{{"KeyMetadata": {{"KeyId": "k", "KeyState": "{state}", "Description": "{KEY_DESCRIPTION}"}}}}"#
            )
        };
        assert!(examined(KEY, 200, &key("PendingDeletion")).await.left.is_empty());
        assert_eq!(examined(KEY, 200, &key("Enabled")).await.left, [KEY]);
    }

    #[tokio::test]
    async fn what_was_tagged_by_hand_or_cannot_be_asked_is_a_note() {
        let by_hand = r#"{"KeyMetadata": {"KeyId": "k", "KeyState": "Enabled", "Description": "mine"}}"#;
        let denied = r#"{"__type": "AccessDeniedException", "message": "no"}"#;
        let instance = "arn:aws:ec2:eu-west-1:123456789012:instance/i-1";
        for (arn, status, response, words) in [
            (KEY, 200, by_hand, "did not create it"),
            (KEY, 400, denied, "AccessDeniedException"),
            (instance, 200, "", "cannot ask ec2"),
        ] {
            let found = examined(arn, status, response).await;
            assert!(found.left.is_empty(), "{found:?}");
            assert!(found.notes.len() == 1 && found.notes[0].contains(words), "{found:?}");
        }
    }

    #[tokio::test]
    async fn a_region_that_the_organization_forbids_is_a_note() {
        let denied = r#"{"__type": "AccessDeniedException", "message": "with an explicit deny in a service control policy"}"#;
        let listed = r#"{"ResourceTagMappingList": []}"#;
        let (_, aws) = FakeService::start(&[(200, listed), (400, denied)]).await;
        let deployer = StackDeployer { aws, console: Console::for_json() };
        let mut found = Leftovers::default();
        deployer.search_by_tag(&mut found).await.unwrap();
        assert!(found.left.is_empty() && found.notes[0].contains("us-east-1"), "{found:?}");
    }

    #[tokio::test]
    async fn finds_cloudfront_policies_without_tags_by_name() {
        let name = format!("{}-eu-west-1-pages", Stack::Website.name(&Stage::DEFAULT));
        let policy = |name: &str| {
            format!(
                "<CachePolicySummary><Type>custom</Type><CachePolicy><Id>p</Id>\
                 <LastModifiedTime>2026-11-30T16:00:00Z</LastModifiedTime><CachePolicyConfig><Name>{name}</Name>\
                 <MinTTL>0</MinTTL></CachePolicyConfig></CachePolicy></CachePolicySummary>"
            )
        };
        let page = format!(
            "<CachePolicyList><MaxItems>100</MaxItems><Quantity>2</Quantity><Items>{}{}</Items></CachePolicyList>",
            policy(&name),
            policy("Other")
        );
        let none = "<List><MaxItems>100</MaxItems><Quantity>0</Quantity></List>";
        let no_controls = "<OriginAccessControlList><Marker/><MaxItems>100</MaxItems><IsTruncated>false</IsTruncated>\
             <Quantity>0</Quantity></OriginAccessControlList>";
        let responses = [(200, &page[..]), (200, none), (200, no_controls), (200, none)];
        let (fake, aws) = FakeService::start(&responses).await;
        let deployer = StackDeployer { aws, console: Console::for_json() };
        let mut found = Leftovers::default();
        deployer.search_cloudfront(&mut found).await;
        assert_eq!(found.left, [format!("CloudFront policy or function {name}")]);
        assert_eq!(fake.requests()[0].line, "GET /2020-05-31/cache-policy?MaxItems=100&Type=custom HTTP/1.1");
    }
}
