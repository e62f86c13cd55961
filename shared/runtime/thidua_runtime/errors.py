"""Errors of the runtime: for operators and integrators, one sentence each."""

from __future__ import annotations

from typing import Any

from thidua.errors import Conflict, Reader, ThiduaError


class OperatorError(ThiduaError):
    """Base of what an operator must mend; the program ends with the sentence, without a traceback."""

    reader = Reader.OPERATOR
    status = 503


class UnknownSetting(OperatorError):
    """A THIDUA_ variable that no setting reads; a typing mistake must not pass in silence."""

    sentence = "The environment sets {name}, which is no setting of thidua; nearest: {nearest}. See `thidua settings`."


class SettingMissing(OperatorError):
    """A setting without which the command cannot run."""

    sentence = "THIDUA_{name} is not set; {meaning}"


class SettingRefused(OperatorError):
    """A setting has a value that cannot be used."""

    sentence = "THIDUA_{name} was refused: {why}."


class TokenRefused(OperatorError):
    """A token was asked for with a name or role that no line of the tokens file can have."""

    sentence = "No token was made: {why}."


class OpenDoorRefused(OperatorError):
    """The API would listen beyond this machine without knowing who may write."""

    sentence = (
        "THIDUA_HTTP_HOST={host} is reachable from other machines, and THIDUA_API_TOKENS_FILE names no tokens; "
        "create one with `thidua token create`, or listen on 127.0.0.1."
    )


class UnknownService(OperatorError):
    """No installed distribution offers a service of that name."""

    sentence = "No service named {name} is installed; installed: {installed}."


class SchemaBehind(OperatorError):
    """The database is older than the program."""

    sentence = "The database of {service} is at {found}, this version needs {wanted}; run `thidua migrate {service}`."


class MigrationNotAllowed(OperatorError):
    """The role of a migration may not create tables."""

    sentence = (
        "The database of {service} was not migrated: {why}. Migrate with its owner role: "
        "set THIDUA_MIGRATION_DATABASE_URL, then run `thidua migrate {service}` again."
    )


class DatabaseTooOld(OperatorError):
    """PostgreSQL is older than 18."""

    sentence = "PostgreSQL {found} is too old; thidua needs 18 or newer."


class DatabaseNotReached(OperatorError):
    """PostgreSQL does not answer, refuses the role, or has no such database."""

    sentence = (
        "The database of {service} cannot be used: {why}. Check its address (THIDUA_DATABASE_URL), the role and "
        "that the database exists."
    )


class PortTaken(OperatorError):
    """Another program listens where this one should."""

    sentence = "Port {port} of {host} is taken by another program; choose another one with THIDUA_{setting}."


class ServerBroke(OperatorError):
    """The embedded PostgreSQL broke off while a play relied on it to the end."""

    sentence = "The embedded PostgreSQL broke off; run the same command again, it goes on where it was."


class FolderInUse(OperatorError):
    """Another process serves the data in this folder."""

    sentence = "Another process of thidua serves {folder} already; use that one, or stop it first."


class TopicsWrong(OperatorError):
    """Topics are missing or configured otherwise than the design asks."""

    sentence = "Topics are not as {service} needs them: {problems}. Run `thidua topics apply`, or have them created."


class OffsetsBehind(OperatorError):
    """A restored database: its stored offsets are behind what its group already committed."""

    sentence = (
        "The database of {service} has read {stream} up to {stored}, its group up to {committed}: it was restored "
        "from a backup. Run `thidua restore {service}` before starting it."
    )


class VersionsBehind(OperatorError):
    """A restored database: its own streams hold versions that it would give out a second time."""

    sentence = (
        "The streams of {service} hold versions above {version}, the highest its database has given out: it was "
        "restored from a backup. Run `thidua restore {service}` before starting it."
    )


class StillRunning(OperatorError):
    """A command that needs the service stopped, while it runs."""

    sentence = "{service} is still running, or was killed a moment ago; stop it, wait ten seconds and run this again."


class NothingToRestore(OperatorError):
    """A service that does not say how its tables hold what it publishes."""

    sentence = "{service} does not say how its tables hold the stream {stream}; nothing was changed."


class TopicRecreated(OperatorError):
    """The topic ends before the stored offset: it was deleted and made anew, and its offsets mean something else."""

    sentence = (
        "The database of {service} has read {stream} up to {stored}, but the topic ends at {end}: the topic was made "
        "anew. Run `thidua rebuild {service}` before starting it."
    )


class BusAway(OperatorError):
    """The brokers do not answer, or not in time."""

    sentence = "Kafka at {servers} does not answer: {why}. Check THIDUA_KAFKA_SERVERS, access rights and the brokers."


class BusRefused(OperatorError):
    """The brokers answered no."""

    sentence = "Kafka refused a request about {what}: {why}."


class AccessRefused(OperatorError):
    """The brokers know who asks, or refuse to know them, and say no."""

    sentence = (
        "Kafka refuses {principal}: {why}. Check THIDUA_KAFKA_USERNAME, THIDUA_KAFKA_PASSWORD and THIDUA_PROVINCE; "
        "which rights it needs says `thidua topics print --format rights`."
    )


class RelayFenced(OperatorError):
    """Another relay of the same service took over."""

    sentence = "Another relay of {service} took over; this one stops publishing."


class TakenOver(OperatorError):
    """The service runs a second time on another database, and the newer one publishes."""

    sentence = (
        "Another instance of {service} took over: it publishes to the same bus from a database of its own (a copy, or "
        "a restored backup). This one ends; find out which database is the right one and run only that."
    )


class MeasurePublishes(OperatorError):
    """A job at a glance published: the day may end before it, and would lack what it had to say."""

    sentence = "The job {job} is declared at a glance and publishes; declare it `beside`. Nothing of it was kept."


class UnexpectedFailure(OperatorError):
    """An error in program or schema: neither the event's fault nor a passing one."""

    sentence = "{service} cannot go on with {stream}: {why}. Nothing was lost; mend the cause and start it again."


class CutNotReached(Conflict):
    """An official result was asked for behind a cut that a followed stream has not passed yet."""

    sentence = (
        "Số liệu chưa đến mốc chốt {cut}: còn chờ số liệu về {streams}. Hãy gửi lại yêu cầu với đúng mốc chốt này sau "
        "khoảng {seconds} giây; nếu vẫn còn chờ, báo quản trị hệ thống kiểm tra việc nhận số liệu đó."
    )
    english = (
        "The cut {cut} is not reached; late streams: {streams}. Send the request again with this very cut in about "
        "{seconds} seconds; if a stream stays late, an operator looks at its owner's outbox and at this follower."
    )

    @property
    def members(self) -> dict[str, Any]:
        """What a client needs to ask again: the cut, and each late stream with until when it was heard."""
        return {"cut": self.figures["cut"], "late": self.figures["late"]}


class ActivityEnded(OperatorError):
    """A part of a service that goes on for as long as the service came to an end by itself, which is a defect."""

    sentence = (
        "The activity {name} of the service ended by itself, which is a defect; the service ends with it, so that it "
        "is noticed. Start it again, and report what the log says before."
    )


class BodyRefused(ThiduaError):
    """A request body that cannot be read."""

    sentence = "Nội dung gửi lên không đọc được: {why}."
    english = "The request body cannot be read: {why}."
    status = 400


class BodyTooLarge(ThiduaError):
    """A request body beyond what is read at once."""

    sentence = "Nội dung gửi lên lớn hơn {megabytes} MB; hãy chia nhỏ, hoặc nhập bằng tệp."
    english = "The request body is larger than {megabytes} MB; split it, or import a file."
    status = 413


class NotAllowed(ThiduaError):
    """The token is missing, unknown, or its role may not do this."""

    sentence = "Không được phép: {why}."
    english = "Not allowed: {why}."
    status = 403


class WhoAreYou(ThiduaError):
    """A write without a token."""

    sentence = "Thao tác ghi cần mã truy cập (Authorization: Bearer …); hãy xin quản trị hệ thống cấp."
    english = "Writing needs a token (Authorization: Bearer …); `thidua token create` makes one."
    status = 401


class KeyReused(ThiduaError):
    """An Idempotency-Key that was used for another request."""

    sentence = "Idempotency-Key này đã dùng cho một yêu cầu khác; hãy dùng khóa mới."
    english = "This Idempotency-Key was used for another request; use a new one."
    status = 422


class FileRefused(ThiduaError):
    """An import file as a whole cannot be read; nothing of it was taken."""

    sentence = "Không đọc được tệp: {why}."
    english = "The file cannot be read: {why}."
    status = 422


class FileTooLarge(FileRefused):
    """An import file is beyond what is read at once."""

    sentence = "Tệp quá lớn: {why}; hãy chia thành nhiều tệp."
    english = "The file is too large: {why}; split it."
    status = 413


class ImportNotSent(OperatorError):
    """A file that `thidua import` could not hand over, or that was refused as a whole."""

    sentence = "{file} was not imported: {why}"


class TemplateNotWritten(OperatorError):
    """A template of an import file was asked for that does not exist or has no place to go."""

    sentence = "No template of {kind} was written: {why}."


class ServiceAnswered(OperatorError):
    """A service refused a request of the command line, or was not there."""

    sentence = "{url} answered: {answer}"
