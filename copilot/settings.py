"""Every setting of Souffleur: name, default, help. Read once, by the composition root.

Each is taken from the environment (`SOUFFLEUR_DATA_DIR`, ...) or from a `souffleur.env` file in the
working directory. docs/settings.md documents them all; a test fails when one is missing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where things are and which parts to use."""

    model_config = SettingsConfigDict(
        env_prefix="SOUFFLEUR_", env_file="souffleur.env", extra="ignore", frozen=True
    )

    data_dir: Path = Field(
        Path("var"), description="Folder of the database, models, generated secret."
    )
    database_url: str = Field(
        "",
        description="postgresql://user:password@host/name; empty: SQLite in the data folder.",
    )
    redis_url: str = Field(
        "", description="redis://... shares events between processes; empty: one process."
    )
    secret: str = Field(
        "", description="Signs cookies; empty: generated once and kept in the data folder."
    )
    key_file: str = Field(
        "",
        description="File of the master keys, to be backed up; empty: master.key in the data "
        "folder.",
    )
    audit_days: int = Field(
        365, ge=30, description="Days that entries of the audit trail are kept; at least 30."
    )
    second_factor_roles: str = Field(
        "",
        description="Roles that must have a second factor, separated by commas: administrator, "
        "supervisor, operator, client, reader.",
    )
    oidc_issuer: str = Field(
        "",
        description="Identity provider of single sign-on (OpenID Connect), as it names itself: "
        "https://login.example.com/realm; empty: none.",
    )
    oidc_client_id: str = Field("", description="What the provider knows the house by.")
    oidc_client_secret: str = Field(
        "", description="The secret shared with it; empty: none, PKCE alone protects the codes."
    )
    oidc_client_secret_file: str = Field("", description="File that has the secret instead.")
    oidc_name: str = Field(
        "", description="What people call the provider, on the sign-in button; empty: its host."
    )
    oidc_roles: str = Field(
        "",
        description="Roles by a claim, the first that fits: "
        "groups:admins=administrator,accueil=operator; empty: roles are given here.",
    )
    calibration: str = Field(
        "",
        description="Weights of the suggestions, written by `souffleur knowledge fit`; empty: the "
        "packaged ones.",
    )
    http_host: str = Field("127.0.0.1", description="Address of the web server.")
    http_port: int = Field(8000, description="Port of the web server.")
    trusted_proxy: str = Field(
        "",
        description="Addresses of the TLS proxy in front, separated by commas: its word is taken "
        "for who calls, and cookies go over HTTPS only.",
    )
    plain_http: bool = Field(
        False,
        description="Serve beyond this machine without a TLS proxy: on a test network only.",
    )
    hsts_days: int = Field(
        365,
        ge=0,
        le=3650,
        description="Behind TLS, days in which browsers come by HTTPS only, to this name and those "
        "under it (Strict-Transport-Security); 0: left to the proxy.",
    )
    secure_cookies: bool = Field(
        False, description="Send cookies over HTTPS only; set it behind a TLS proxy."
    )
    session_idle_min: int = Field(
        120,
        ge=5,
        le=720,
        description="Minutes after which a session that no open page uses ends; every session ends "
        "after 12 hours.",
    )
    public_url: str = Field(
        "", description="Address in links of e-mails; empty: http://<host>:<port>."
    )
    panel_origins: str = Field(
        "",
        description="Origins of the software that may show the side panel "
        "(https://crm.example.com), separated by commas; empty: none.",
    )
    sip_host: str = Field("0.0.0.0", description="Address that takes SIP and RTP.")  # noqa: S104
    sip_port: int = Field(5060, description="SIP port, UDP and TCP; 0 takes a free one.")
    sip_allow: str = Field(
        "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16",
        description="Networks whose SIP calls are taken (trunk, PBX), separated by commas.",
    )
    sip_accounts: str = Field(
        "",
        description="TOML file of passwords: trunks that may call from anywhere, and extensions to "
        "register at a PBX (docs/telephony.md).",
    )
    sip_tls_certificate: str = Field(
        "",
        description="Certificate chain (PEM file) for SIP over TLS; empty: no TLS. Read again when "
        "it changes.",
    )
    sip_tls_key: str = Field("", description="Its private key (PEM file, no passphrase).")
    sip_tls_port: int = Field(5061, description="SIP port for TLS; 0 takes a free one.")
    sip_tls_client_ca: str = Field(
        "", description="Peers must show a certificate signed by this authority (PEM file)."
    )
    sip_tls_ca: str = Field(
        "", description="Authority of the servers registered with over TLS; empty: the system's."
    )
    sip_encryption: Literal["optional", "required"] = Field(
        "optional",
        description="required: only calls over TLS with encrypted voice (SDES-SRTP) are taken.",
    )
    sip_codecs: str = Field(
        "PCMA,PCMU,G722,opus", description="Codecs taken from SIP callers, separated by commas."
    )
    dial_allow: str = Field(
        "+33,+3380",
        description="Beginnings of the numbers that may be called from here, separated by commas; "
        "the longest that fits decides. Extensions and short numbers whole, or as 2*.",
    )
    dial_bar: str = Field(
        "+338", description="Beginnings of the numbers that may not, by the same rule."
    )
    dial_costly: str = Field(
        "",
        description="Dear classes of numbers that may be called all the same, wherever they are: "
        "premium, shared_cost, personal, satellite; separated by commas.",
    )
    dial_rates: str = Field(
        "+=60,+33=2,+336=6,+337=6,+3380=0",
        description="Cents a minute by beginnings of numbers; the longest that fits counts.",
    )
    outgoing_operator_hour: int = Field(
        60, ge=0, description="Calls that one operator may place in an hour; 0: no limit."
    )
    outgoing_client_day: int = Field(
        300, ge=0, description="Calls that may go out for one client in 24 hours; 0: no limit."
    )
    outgoing_client_cents: int = Field(
        2000, ge=0, description="Cents that these may cost, by the rates above; 0: no limit."
    )
    outgoing_calls: int = Field(
        10, ge=0, le=500, description="Calls that may go out at once, transfers included."
    )
    outgoing_ring_s: float = Field(
        40.0, gt=0, description="A call that goes out is given up after ringing so long."
    )
    sip_refer: str = Field(
        "",
        description="Networks (a PBX) whose REFER is taken: within a call they may have us call "
        "somebody else in their place, by the rules of calls out; separated by commas, empty: "
        "none.",
    )
    transfer_refer: bool = Field(
        False,
        description="Ask the caller's side to take transferred calls over by itself (REFER); where "
        "it will not they stay joined through us.",
    )
    turn_urls: str = Field(
        "",
        description="TURN servers for browsers on strict networks, separated by commas "
        "(turn:turn.example.com:3478?transport=udp); empty: none.",
    )
    turn_secret: str = Field(
        "",
        description="The secret shared with them (coturn's static-auth-secret); browsers get "
        "passwords that expire.",
    )
    turn_hours: int = Field(
        12, ge=1, le=168, description="Hours that a browser's TURN password is good for."
    )
    audiosocket_port: int = Field(
        0, description="TCP port for Asterisk's AudioSocket, at the address of SIP; 0: none."
    )
    audiosocket_allow: str = Field(
        "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16",
        description="Networks whose AudioSocket connections are taken, separated by commas.",
    )
    line_token: str = Field(
        "",
        description="Shared with PBXs and platforms: announces AudioSocket calls, opens media "
        "streams; empty: neither.",
    )
    mediastream_key: str = Field(
        "",
        description="Key a platform signs the media stream's address with; empty: by the token "
        "alone.",
    )
    media_host: str = Field(
        "", description="Address offered for RTP; empty: the one that reaches the peer."
    )
    rtp_ports: str = Field("30000-30999", description="UDP ports for RTP, first-last.")
    asr_model: str = Field(
        "base", description="faster-whisper model: packaged name (base), folder or hub name."
    )
    asr_workers: int = Field(
        0, description="Recognition workers; 0: as the self-test of this machine found."
    )
    asr_device: Literal["auto", "cpu", "cuda"] = Field(
        "auto",
        description="Where recognition is computed; auto: on a graphics card once the self-test of "
        "this machine found it working and faster, else on the processor.",
    )
    asr_compute_type: str = Field(
        "auto",
        description="Numbers it is computed with; auto: int8 on a processor, float16 on a "
        "graphics card.",
    )
    embedding_model: str = Field(
        "", description="sentence-transformers model, or e5-small; empty: EmbeddingGemma."
    )
    import_networks: str = Field(
        "",
        description="Private networks whose pages may be imported (intranet), separated by "
        "commas; empty: public pages only.",
    )
    agenda_networks: str = Field(
        "",
        description="Private networks whose calendars (CalDAV) may be reached, in clear too, "
        "separated by commas; empty: public servers only, over HTTPS.",
    )
    google_client_id: str = Field(
        "",
        description="The house's OAuth application at Google, for clients who connect a calendar "
        "or a mailbox by consent; empty: they give an access of their own.",
    )
    google_client_secret: str = Field("", description="Its secret.")
    microsoft_client_id: str = Field(
        "",
        description="The same at Microsoft (Entra ID), with Calendars.ReadWrite and, for "
        "mailboxes, IMAP.AccessAsUser.All (delegated).",
    )
    microsoft_client_secret: str = Field("", description="Its secret.")
    microsoft_tenant: str = Field(
        "common",
        pattern=r"^[A-Za-z0-9.-]+$",
        description="Whose Microsoft accounts may consent: common, organizations, or a directory.",
    )
    webhook_private: bool = Field(
        False,
        description="Let webhooks and named channels reach private addresses, and webhooks post in "
        "clear (receivers on one's own network).",
    )
    hubspot_url: str = Field(
        "https://api.hubapi.com",
        description="Where clients' HubSpot is; another address only for a relay of one's own.",
    )
    llm_url: str = Field(
        "",
        description="Language model, OpenAI-compatible (http://127.0.0.1:8080/v1); empty: none, "
        "which takes nothing away from the drafts.",
    )
    llm_model: str = Field("", description="Its name at that address.")
    llm_key: str = Field("", description="Its key, sent as a bearer token; empty: none.")
    llm_timeout_s: float = Field(
        20.0, gt=0, description="Seconds that a whole answer of it may take."
    )
    llm_concurrency: int = Field(
        2, ge=1, description="Questions it is asked at once; others wait their turn."
    )
    llm_wordings: bool = Field(
        True, description="Have it propose other wordings of clients' questions too."
    )
    smtp_host: str = Field(
        "",
        description="Mail server; empty: none, messages wait (the demonstration has a mailbox).",
    )
    smtp_port: int = Field(587, description="Port of the mail server.")
    smtp_user: str = Field("", description="Account on the mail server; empty: none.")
    smtp_password: str = Field("", description="Its password.")
    smtp_tls: Literal["none", "starttls", "tls"] = Field(
        "starttls", description="none, starttls or tls."
    )
    smtp_from: str = Field(
        "Souffleur <messages@souffleur.invalid>", description="Sender of the messages."
    )
    smtp_ca: str = Field(
        "",
        description="Authority that signed the mail server's certificate (PEM file); empty: "
        "the system's.",
    )
    inbox_port: int = Field(
        0,
        description="Port for e-mails to clients and answers to messages (SMTP); 0: none come in.",
    )
    inbox_host: str = Field(
        "127.0.0.1", description="Address it listens at: behind the provider's own mail server."
    )
    inbox_domain: str = Field(
        "",
        description="Domain whose mail is handed over there (demandes.example.fr); empty: none.",
    )
    inbox_mb: int = Field(
        15, ge=1, le=50, description="The largest e-mail taken, in megabytes, attachments included."
    )
    clamd: str = Field(
        "",
        description="Antivirus (clamd) that files from outside are shown to: its socket, or "
        "address:port; while it does not answer no file is taken. Empty: none.",
    )
    mailbox_networks: str = Field(
        "",
        description="Private networks whose mailboxes (IMAP) clients may have read, in clear too, "
        "separated by commas; empty: public servers only, encrypted.",
    )
    mailbox_ca: str = Field(
        "",
        description="Authority that signed those mail servers' certificates (PEM file); empty: "
        "the system's.",
    )
    sms_address: str = Field(
        "",
        description="Provider of text messages, as Apprise writes it, with {to} for the number: "
        "twilio://SID:token@+33.../{to}; empty: none.",
    )
    ring_timeout_s: float = Field(
        120.0, description="An unanswered call is refused after this long."
    )
    most_waiting: int = Field(
        200, ge=1, description="Calls that may wait for an operator at once; one more is refused."
    )
    wrap_up_s: float = Field(
        20.0, ge=0, description="Time after a call in which an operator is not rung; 0: none."
    )
    no_audio_s: float = Field(
        4.0, gt=0, description="Silence of somebody's network before it is told, within a second."
    )
    log_level: str = Field("info", description="debug, info, warning or error.")
    log_format: Literal["text", "json"] = Field(
        "text",
        description="Lines of the log: text to be read, or a JSON object each for a collector.",
    )
