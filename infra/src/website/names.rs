//! The public names of this stack. Renaming one is a breaking change for its users.

/// Parameters, with the meaning that the template's own descriptions give.
pub mod parameter {
    /// The origins that the page may call, separated by spaces.
    pub const API_ORIGINS: &str = "ApiOrigins";
    /// The API's default domain name, for the pages of results; empty for none.
    pub const RESULT_PAGES_HOST: &str = "ResultPagesHost";
    /// Custom domain name; empty for CloudFront's.
    pub const DOMAIN_NAME: &str = "DomainName";
    /// The domain's certificate.
    pub const CERTIFICATE_ARN: &str = "CertificateArn";
    /// The hosted zone of the domain; empty if DNS is elsewhere.
    pub const HOSTED_ZONE_ID: &str = "HostedZoneId";
    /// From how much of the world the site is served.
    pub const PRICE_CLASS: &str = "PriceClass";
    /// A web ACL; empty for none.
    pub const WEB_ACL_ARN: &str = "WebAclArn";
}

/// Outputs.
pub mod output {
    /// The bucket that holds the site.
    pub const SITE_BUCKET_NAME: &str = "SiteBucketName";
    /// The distribution's id.
    pub const DISTRIBUTION_ID: &str = "DistributionId";
    /// CloudFront's domain name of the site.
    pub const DISTRIBUTION_DOMAIN_NAME: &str = "DistributionDomainName";
    /// The workshop's name for the site's address.
    pub const CLOUD_FRONT_URL: &str = "CloudFrontURL";
}

/// Logical ids.
pub mod resource {
    use crate::cfn::logical_id;

    /// The site's files.
    pub const SITE_BUCKET: &str = logical_id("SiteBucket");
    /// Allows the distribution to read the files, and denies all plain HTTP.
    pub const SITE_BUCKET_POLICY: &str = logical_id("SiteBucketPolicy");
    /// Signs the distribution's requests to the bucket.
    pub const ORIGIN_ACCESS: &str = logical_id("OriginAccess");
    /// Which file a path means.
    pub const ROUTES: &str = logical_id("Routes");
    /// Caching of files whose names carry their content's hash.
    pub const ASSET_CACHE: &str = logical_id("AssetCache");
    /// Caching of files that change under their names.
    pub const PAGE_CACHE: &str = logical_id("PageCache");
    /// Caching of pages of results, by language and host.
    pub const RESULT_CACHE: &str = logical_id("ResultCache");
    /// Headers under which a browser may run the site.
    pub const SECURITY_HEADERS: &str = logical_id("SecurityHeaders");
    /// The distribution.
    pub const DISTRIBUTION: &str = logical_id("Distribution");
    /// DNS record of the custom domain for IPv4.
    pub const ADDRESS_RECORD: &str = logical_id("AddressRecord");
    /// DNS record of the custom domain for IPv6.
    pub const IPV6_ADDRESS_RECORD: &str = logical_id("Ipv6AddressRecord");
}
