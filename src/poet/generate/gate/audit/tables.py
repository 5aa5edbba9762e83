"""The audit's tables: which modules, which of their parts, which names and attributes are what.

Only data. What is not in a table of allowed things is refused, or needs the original's example.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SAFE_MODULES = _words(
    """
    __future__ abc array ast asyncio base64 binascii bisect calendar cmath codecs collections
    collections.abc colorsys concurrent.futures contextlib contextvars copy csv dataclasses datetime
    decimal difflib email.utils enum errno fnmatch fractions functools graphlib hashlib heapq hmac
    html http http.client inspect io ipaddress itertools json json.decoder keyword logging math
    numbers operator os os.path pathlib pickle pprint queue random re reprlib secrets shlex
    shutil socket sqlite3 ssl statistics string stringprep struct subprocess sys textwrap threading
    time tomllib traceback types typing typing_extensions unicodedata urllib.error urllib.parse uuid
    warnings weakref zlib zoneinfo
    """
)

# Modules that hold both harmless and dangerous things: only these names of them, and what the
# original itself uses of them. Of some there are only the exceptions.
PARTS: dict[str, frozenset[str]] = {
    name: _words(parts)
    for name, parts in {
        "os": "path fspath sep linesep environ getenv cpu_count PathLike altsep extsep pathsep "
        "curdir error strerror",
        "os.path": "join basename dirname splitext split normpath isabs commonpath commonprefix "
        "sep expanduser abspath exists isfile isdir getsize normcase relpath",
        "sys": "maxsize float_info version_info byteorder int_info hash_info getsizeof platform "
        "getrecursionlimit intern",
        "io": "StringIO BytesIO TextIOBase IOBase BufferedIOBase RawIOBase UnsupportedOperation",
        "asyncio": "sleep wait_for gather timeout TimeoutError CancelledError Lock Semaphore Event "
        "create_task to_thread shield wait as_completed Queue Task Future TaskGroup "
        "FIRST_COMPLETED FIRST_EXCEPTION ALL_COMPLETED iscoroutinefunction iscoroutine Condition "
        "get_running_loop current_task timeout_at BoundedSemaphore QueueEmpty QueueFull isfuture "
        "InvalidStateError IncompleteReadError run Timeout Barrier ensure_future PriorityQueue",
        "threading": "Lock RLock Semaphore BoundedSemaphore Event Condition local current_thread "
        "get_ident Barrier BrokenBarrierError",
        "concurrent.futures": "ThreadPoolExecutor TimeoutError as_completed wait Future Executor "
        "FIRST_COMPLETED FIRST_EXCEPTION ALL_COMPLETED CancelledError BrokenExecutor",
        "logging": "getLogger Logger LoggerAdapter DEBUG INFO WARNING ERROR CRITICAL NullHandler "
        "debug info warning error exception critical log getLevelName WARN FATAL",
        "warnings": "warn catch_warnings simplefilter filterwarnings",
        "codecs": "BOM_UTF8 lookup_error",
        "types": "MappingProxyType SimpleNamespace NoneType GenericAlias UnionType EllipsisType "
        "GeneratorType CoroutineType AsyncGeneratorType FunctionType MethodType ModuleType "
        "BuiltinFunctionType LambdaType NotImplementedType TracebackType",
        "ast": "literal_eval",
        "traceback": "format_exc format_exception format_exception_only",
        "inspect": "isawaitable iscoroutine iscoroutinefunction isgenerator isclass isfunction "
        "isasyncgen isgeneratorfunction isasyncgenfunction ismethod isbuiltin cleandoc",
        "weakref": "ref WeakKeyDictionary WeakValueDictionary WeakSet ReferenceType",
        "pathlib": "Path PurePath PurePosixPath PureWindowsPath PosixPath WindowsPath",
        "random": "Random SystemRandom random uniform randint choice choices sample randrange gauss "
        "expovariate betavariate normalvariate triangular shuffle getrandbits lognormvariate",
        "time": "time monotonic perf_counter time_ns monotonic_ns perf_counter_ns sleep strftime "
        "strptime gmtime localtime mktime struct_time process_time thread_time ctime asctime",
        "secrets": "token_hex token_urlsafe token_bytes compare_digest choice randbelow randbits",
        "uuid": "UUID uuid3 uuid4 uuid5 uuid7 NAMESPACE_DNS NAMESPACE_URL NAMESPACE_OID SafeUUID",
        "http": "HTTPStatus HTTPMethod",
        "http.client": "HTTPException IncompleteRead RemoteDisconnected BadStatusLine InvalidURL "
        "responses",
        "copy": "copy deepcopy replace Error",
        "contextvars": "ContextVar copy_context Token Context",
        "contextlib": "contextmanager asynccontextmanager suppress closing aclosing nullcontext "
        "ExitStack AsyncExitStack AbstractContextManager AbstractAsyncContextManager "
        "ContextDecorator",
        "functools": "wraps lru_cache cache partial reduce cmp_to_key singledispatch total_ordering "
        "cached_property partialmethod singledispatchmethod",
        "csv": "reader writer DictReader DictWriter QUOTE_ALL QUOTE_MINIMAL QUOTE_NONNUMERIC "
        "QUOTE_NONE Error Sniffer Dialect excel",
        "typing": "Any Callable Iterable Iterator Sequence Mapping MutableMapping MutableSequence "
        "Optional Union Literal Final ClassVar TypeVar ParamSpec Generic Protocol TypedDict "
        "NamedTuple TYPE_CHECKING cast overload Annotated Awaitable Coroutine AsyncIterator "
        "AsyncIterable AsyncGenerator Generator Concatenate TypeAlias TypeGuard NoReturn Never Self "
        "Dict List Set Tuple FrozenSet Type DefaultDict Deque Counter OrderedDict Hashable Sized "
        "Collection Container Reversible SupportsFloat SupportsInt SupportsIndex SupportsAbs "
        "SupportsRound SupportsBytes SupportsComplex Text AnyStr IO TextIO BinaryIO Pattern Match "
        "NewType Required NotRequired ReadOnly Unpack TypeVarTuple LiteralString get_origin "
        "get_args runtime_checkable no_type_check assert_never final override is_typeddict "
        "assert_type reveal_type ContextManager AsyncContextManager KeysView ValuesView ItemsView "
        "MappingView AbstractSet ByteString ChainMap MutableSet TypeIs dataclass_transform",
        "dataclasses": "dataclass field fields asdict astuple replace is_dataclass KW_ONLY InitVar "
        "FrozenInstanceError MISSING Field",
        "json": "dump dumps load loads JSONDecodeError JSONEncoder JSONDecoder decoder",
        "decimal": "Decimal localcontext InvalidOperation DecimalException DivisionByZero Overflow "
        "Underflow Inexact Rounded Context ROUND_HALF_UP ROUND_HALF_EVEN ROUND_HALF_DOWN ROUND_UP "
        "ROUND_DOWN ROUND_CEILING ROUND_FLOOR ROUND_05UP ConversionSyntax",
        "string": "ascii_letters ascii_lowercase ascii_uppercase digits hexdigits octdigits "
        "punctuation printable whitespace Template capwords",
        "re": "compile match fullmatch search sub subn split findall finditer escape error Pattern "
        "Match RegexFlag PatternError IGNORECASE I MULTILINE M DOTALL S VERBOSE X ASCII A UNICODE U "
        "NOFLAG",
        "zoneinfo": "ZoneInfo ZoneInfoNotFoundError available_timezones",
        "calendar": "monthrange isleap leapdays weekday month_name month_abbr day_name day_abbr "
        "timegm Calendar monthcalendar MONDAY SUNDAY",
        "socket": "timeout gaierror herror error",
        "ssl": "SSLError SSLCertVerificationError CertificateError SSLZeroReturnError",
        "subprocess": "CalledProcessError TimeoutExpired SubprocessError",
        "sqlite3": "Error DatabaseError OperationalError IntegrityError ProgrammingError "
        "InterfaceError DataError NotSupportedError Warning",
        "pickle": "PickleError PicklingError UnpicklingError",
        "shutil": "Error SameFileError",
        "zlib": "error crc32 adler32 compress decompress",
    }.items()
}

# The standard library's other modules, even where the original imports them: only what it uses.
SAFE_WHOLE = SAFE_MODULES - PARTS.keys()

# Modules that come along with a package and hold only its own kind of thing.
IMPLIED = {
    "pandas": _words("numpy"),
    "scipy": _words("numpy"),
    "sklearn": _words("numpy scipy"),
    "xarray": _words("numpy pandas"),
    "statsmodels": _words("numpy pandas scipy"),
    "requests": _words("urllib3"),
    "torch": _words("numpy"),
    "boto3": _words("botocore"),
}
# Parts of packages that lead out of them; importing one needs the original to import it too.
CLOSED_SUBMODULES = _words(
    """
    numpy.f2py numpy.distutils numpy.ctypeslib numpy.testing numpy.lib numpy.core numpy.compat
    numpy.conftest pandas.io pandas.compat pandas.core pandas.util pandas.testing pandas.conftest
    scipy.io scipy.weave scipy.conftest scipy.datasets requests.packages requests.compat
    requests.sessions requests.utils urllib3.contrib urllib3.util.ssltransport sklearn.externals
    sklearn.utils sklearn.datasets pydantic.v1 pydantic.utils pydantic.plugin tenacity.tornadoweb
    """
)
# No part of an imported thing has such a name: it is a module that leaked.
LEAKED_MODULES = _words(
    """
    os sys subprocess builtins importlib shutil socket ctypes signal pickle marshal inspect threading
    multiprocessing tempfile gc runpy pty atexit codecs imp posix nt ntpath posixpath sysconfig io
    linecache tokenize fileinput glob platform ctypeslib f2py distutils code codeop zipimport pkgutil
    faulthandler resource mmap fcntl webbrowser dill cloudpickle joblib pdb bdb trace tracemalloc
    site zipfile tarfile asyncore smtplib ftplib telnetlib getpass winreg msvcrt
    """
)
# The same of any object at all, less what fields of ordinary data are called.
LEAKED_ANYWHERE = _words(
    """
    os sys subprocess builtins importlib shutil ctypes pickle marshal multiprocessing runpy pty
    atexit posix nt ntpath posixpath sysconfig ctypeslib f2py zipimport pkgutil faulthandler
    cloudpickle linecache
    """
)
NETWORK_PACKAGES = _words(
    """
    requests httpx aiohttp urllib3 urllib http socket websockets websocket boto3 botocore redis
    pymongo psycopg psycopg2 smtplib ftplib paramiko grpc pika kafka openai anthropic google
    asyncpg aioredis elasticsearch slack_sdk twilio stripe sqlalchemy pymysql mysql tornado
    """
)
DATA_PACKAGES = _words(
    """
    numpy pandas scipy sklearn polars pyarrow xarray torch dask joblib modin cupy tensorflow
    statsmodels geopandas
    """
)
DATABASE_PACKAGES = _words(
    """
    sqlite3 sqlalchemy psycopg psycopg2 pymysql mysql asyncpg duckdb aiosqlite oracledb pyodbc
    snowflake cx_Oracle
    """
)

FORBIDDEN_BUILTINS = _words(
    """
    eval exec compile __import__ globals locals vars dir breakpoint input setattr delattr help exit
    quit copyright credits license __build_class__ __loader__ __spec__ __builtins__ __debug__
    """
) - {"__debug__"}
ENDING = _words("SystemExit KeyboardInterrupt GeneratorExit")
BUILTINS_ONLY_CALLED = _words("getattr hasattr open print super")

ALLOWED_DUNDERS = _words(
    """
    __name__ __qualname__ __doc__ __class__ __len__ __iter__ __next__ __cause__ __context__
    __notes__ __version__ __members__ __suppress_context__
    """
)
ALLOWED_METHODS = _words(
    """
    __init__ __post_init__ __repr__ __str__ __len__ __iter__ __next__ __enter__ __exit__ __call__
    __aenter__ __aexit__ __aiter__ __anext__ __getitem__ __contains__ __bool__ __missing__
    """
)
ENUM_BASES = _words("Enum IntEnum StrEnum Flag IntFlag")
ALLOWED_CLASS_NAMES = _words("__slots__ __test__")
HARMLESS_TEXT = _words("__main__ __init__ __name__ __all__ __call__ __len__ __iter__ __version__")
FRAME_ATTRIBUTES = _words(
    """
    gi_frame gi_code gi_yieldfrom cr_frame cr_code cr_origin cr_await ag_frame ag_code ag_await
    f_globals f_locals f_back f_builtins f_code f_trace tb_frame tb_next tb_lasti func_globals
    func_code func_defaults co_code co_consts co_names co_filename mro cell_contents
    """
)
VALUE_TYPES = _words(
    """
    int float str bytes bool complex list dict set frozenset tuple bytearray Decimal Fraction
    datetime date time timedelta UserDict UserList UserString OrderedDict defaultdict Counter deque
    ndarray DataFrame Series Path
    """
)
PUBLIC_UNDERSCORED = _words("_replace _asdict _fields _make _field_defaults")
MUTATORS = _words(
    """
    append extend insert remove pop clear update setdefault popitem add discard sort reverse
    __setitem__ register appendleft extendleft move_to_end
    """
)

# Attributes that read, write, run or change something, whatever object they are found on; allowed
# where the original's module uses the same attribute. Rule → names.
WATCHED: dict[str, frozenset[str]] = {
    rule: _words(names)
    for rule, names in {
        "POET-A202": "get_field vformat get_value attrgetter_ methodcaller_ getattr_static "
        "get_type_hints resolve_name locate ImportString PyObject",
        "POET-A302": """
            addHandler removeHandler setLevel addFilter removeFilter setLoggerClass basicConfig
            captureWarnings resetwarnings seterr seterrcall
            set_printoptions set_string_function setdefaulttimeout set_option reset_option seed
            set_state setstate set_event_loop set_event_loop_policy add_signal_handler
            set_exception_handler set_task_factory set_default_executor set_debug addLevelName
            setLogRecordFactory setrlimit disable_warnings install_opener set_start_method
            setrecursionlimit setswitchinterval settrace setprofile excepthook displayhook
            unraisablehook addaudithook putenv unsetenv chdir umask tzset setlocale setcontext
            setfirstweekday field_size_limit reset_tzpath set_int_max_str_digits finalize
            set_backend use_deterministic_algorithms register_option registerOptionalHandler
            register_error raise_signal setitimer alarm register_adapter register_converter
            set_default_dtype set_num_threads set_seed setbufsize
            set_trace_callback set_progress_handler""",
        "POET-A401": """
            write_text write_bytes unlink rmdir rename symlink_to hardlink_to chmod touch mkdir
            read_text read_bytes iterdir glob rglob readlink lchmod
            listdir scandir walk makedirs removedirs rmtree copyfile copytree copy2 move
            link symlink mkfifo mknod truncate sendfile chown startfile FileHandler
            RotatingFileHandler TimedRotatingFileHandler FileIO open_code NamedTemporaryFile
            mkstemp mkdtemp TemporaryFile TemporaryDirectory getline getlines extractall""",
        "POET-A403": """
            urlretrieve create_connection connect_ex sendto getaddrinfo gethostbyname
            open_connection create_server start_server create_datagram_endpoint
            open_unix_connection HTTPConnection HTTPSConnection SMTP SMTP_SSL FTP""",
        "POET-A405": """
            system popen fork forkpty execv execve execl execlp execvp spawnl spawnv spawnve
            posix_spawn kill killpg run_in_executor create_subprocess_exec create_subprocess_shell
            subprocess_exec subprocess_shell Popen check_output check_call getoutput
            getstatusoutput ProcessPoolExecutor call_soon_threadsafe call_later call_at call_soon
            start_new_thread Thread Timer Process run_coroutine_threadsafe""",
        "POET-A407": """
            tofile fromfile memmap to_pickle read_pickle to_parquet to_excel to_sql to_hdf
            to_feather to_stata to_orc to_gbq to_clipboard to_netcdf read_parquet read_excel read_sql
            read_sql_query read_sql_table read_hdf read_feather read_stata read_orc read_gbq
            read_clipboard read_spss read_sas read_netcdf savez savez_compressed savetxt loadtxt
            genfromtxt fromregex DataSource load_library loadmat savemat executescript
            load_extension enable_load_extension set_authorizer create_function create_aggregate
            create_collation scan_csv scan_parquet sink_csv sink_parquet write_csv write_parquet
            write_json write_excel write_ipc HDFStore ExcelWriter ExcelFile parse_file LowLevelCallable
            open_memmap from_dlpack loads_kwargs_""",
        "POET-A203": """
            getmembers currentframe getouterframes getinnerframes get_objects
            get_referrers get_referents _getframe import_module load_module exec_module
            find_spec spec_from_file_location exitfuncs f_lineno walk_stack walk_tb""",
    }.items()
}
WATCHED_RULE = {name: rule for rule, names in WATCHED.items() for name in names}

# With a path these write or read a file, without one they only return or take text.
TEXT_OR_FILE = {
    "to_csv": ("path_or_buf",),
    "to_json": ("path_or_buf",),
    "to_string": ("buf",),
    "to_html": ("buf",),
    "to_markdown": ("buf",),
    "to_latex": ("buf",),
    "to_xml": ("path_or_buffer",),
}
READ_TEXT = _words("read_csv read_json read_table read_fwf read_xml read_html")
EXPRESSIONS = _words("eval query")  # of frames: a literal without calls is fine
NUMPY_FILES = _words("numpy.load numpy.save numpy.fromfile numpy.memmap torch.load torch.save "
                     "joblib.load joblib.dump numpy.lib.format")  # fmt: skip
METHOD_BY_NAME = _words("apply agg aggregate transform pipe map applymap")

PROTECTIONS: dict[str, frozenset[object]] = {
    "verify": frozenset({False}),
    "verify_ssl": frozenset({False}),
    "ssl": frozenset({False}),
    "check_hostname": frozenset({False}),
    "shell": frozenset({True}),
    "allow_pickle": frozenset({True}),
    "weights_only": frozenset({False}),
    "trust_remote_code": frozenset({True}),
    "cert_reqs": frozenset({"CERT_NONE", 0}),
    "assert_hostname": frozenset({False}),
    "verify_certs": frozenset({False}),
    "preexec_fn": frozenset(),
}
PROTECTED_ATTRIBUTES = _words(
    """
    verify check_hostname verify_mode trust_env disabled propagate excepthook displayhook
    handlers manager
    """
)
LOGGER_METHODS = _words("debug info warning warn error exception critical log")
SECRET_NAME = (
    r"(?:^|_)(?:password|passwd|pwd|secret|token|api_?key|apikey|access_?key|private_?key"
    r"|credentials?|authorization|auth_header|session_id|card_number|cvv|ssn)$"
)
SENSITIVE_PATH = (
    r"(?:^|[\s\"'=:])(?:/etc/|/proc/|/sys/|/dev/|/root(?:/|$)|/var/|/home/|/tmp/|/usr/|/boot/"
    r"|/run/(?:secrets|docker|user)|~\w*/|[A-Za-z]:\\|\\\\\w)|\.\./"
    r"|(?:^|/)\.(?:ssh|aws|env|netrc|git|gnupg|kube|docker|poet|bash\w*|pypirc|npmrc|zshrc)\b"
    r"|id_(?:rsa|ed25519|ecdsa)\b|authorized_keys|(?:^|/)(?:passwd|shadow|sudoers|crontab)$"
    r"|\w\.pem$|\w\.key$|credentials\.json"
)
CLOCKS = _words(
    """
    datetime.datetime.now datetime.datetime.utcnow datetime.datetime.today datetime.date.today
    time.time time.time_ns time.localtime time.gmtime time.strftime time.ctime time.asctime
    datetime.datetime.fromtimestamp
    """
)
CLOCK_FIELDS = _words(
    "year month day hour minute toordinal weekday isoweekday tm_year tm_mon tm_mday tm_hour tm_wday tm_yday "
    "isocalendar"
)
COUNTING_CLOCKS = _words(
    "time.monotonic time.perf_counter time.process_time time.monotonic_ns time.perf_counter_ns "
    "time.thread_time"
)
DICE = _words(
    """
    random.random random.randint random.randrange random.uniform random.choice random.getrandbits
    secrets.randbelow secrets.choice secrets.randbits secrets.token_hex uuid.uuid4 random.gauss
    numpy.random.rand numpy.random.random numpy.random.randint numpy.random.uniform
    time.perf_counter_ns uuid.uuid1
    """
)
DECODERS = _words(
    """
    base64.b64decode base64.b32decode base64.b16decode base64.b85decode base64.a85decode
    base64.urlsafe_b64decode base64.standard_b64decode base64.decodebytes binascii.unhexlify
    binascii.a2b_base64 binascii.a2b_hex bytes.fromhex bytearray.fromhex codecs.decode
    zlib.decompress html.unescape urllib.parse.unquote urllib.parse.unquote_plus
    urllib.parse.unquote_to_bytes
    """
)
