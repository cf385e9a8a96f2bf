"""From a push to git to an image and a webhook: sources, rules, builds, links, triggers, deliveries."""
