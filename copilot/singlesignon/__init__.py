"""Single sign-on: OpenID Connect's authorization code flow, with the house as relying party.

signon     asks the provider and takes its answer
provider   what the provider publishes: its metadata and keys, kept for a while
idtoken    what an ID token must prove
linking    whose account that opens
backchannel  the provider ends its sessions here
roles      which role the provider gives, when the house lets it
"""
