from decimal import Decimal

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import fees.models.tariff

# Nothing but the sample was ever entered before tariffs needed a second person.
SAMPLES_SO_FAR = "UPDATE fees_tariff SET state = 'approved', is_sample = true"


class Migration(migrations.Migration):
    dependencies = [
        ("fees", "0003_payments_statements_receipts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TariffRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "direction",
                    models.CharField(
                        blank=True,
                        choices=[("export", "Xuất khẩu"), ("import", "Nhập khẩu")],
                        max_length=10,
                        verbose_name="chiều",
                    ),
                ),
                (
                    "regime",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("ordinary", "Hàng hóa xuất nhập khẩu thông thường"),
                            ("transit", "Tạm nhập tái xuất, quá cảnh, kho ngoại quan"),
                            ("processing", "Hàng hóa gia công, sản xuất xuất khẩu, chuyển khẩu"),
                        ],
                        max_length=20,
                        verbose_name="loại hình",
                    ),
                ),
                (
                    "goods_group",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("general", "Hàng hóa thông thường"),
                            ("farm", "Nông sản, hoa quả tươi"),
                            ("ore", "Quặng, khoáng sản"),
                            ("frozen", "Hàng đông lạnh"),
                        ],
                        max_length=20,
                        verbose_name="nhóm hàng hóa",
                    ),
                ),
                (
                    "transshipment",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("carried", "Giữ hàng trên xe, không sang tải"),
                            ("received", "Nhận hàng sang tải"),
                            ("gave_part", "Đã sang một phần hàng cho xe khác"),
                            ("gave_all", "Đã sang hết hàng cho xe khác"),
                        ],
                        max_length=10,
                        verbose_name="sang tải",
                    ),
                ),
                (
                    "vehicle_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("40ft", "Container loại 40 feet"),
                            ("20ft", "Container loại 20 feet"),
                            ("other", "Phương tiện không phải là container"),
                        ],
                        max_length=5,
                        verbose_name="loại phương tiện",
                    ),
                ),
                (
                    "payload_from",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=6,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="trọng tải từ (tấn)",
                    ),
                ),
                (
                    "payload_below",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=6,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="đến dưới (tấn)",
                    ),
                ),
                ("article", models.CharField(blank=True, max_length=100, verbose_name="mục của biểu")),
                (
                    "effect",
                    models.CharField(
                        choices=[("coefficient", "hệ số"), ("cap", "mức tối đa"), ("exemption", "miễn")],
                        max_length=12,
                        verbose_name="tác dụng",
                    ),
                ),
                (
                    "factor",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=7, null=True, verbose_name="hệ số"),
                ),
                ("most", models.PositiveBigIntegerField(blank=True, null=True, verbose_name="tối đa (đồng)")),
                (
                    "charged_as",
                    models.CharField(
                        blank=True,
                        choices=[("infrastructure", "Phí hạ tầng"), ("transshipment", "Phí sang tải")],
                        max_length=20,
                        verbose_name="thu theo loại phí",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="lý do")),
                ("reason_en", models.CharField(blank=True, max_length=200, verbose_name="lý do (tiếng Anh)")),
                ("reason_zh", models.CharField(blank=True, max_length=200, verbose_name="lý do (tiếng Trung)")),
            ],
            options={
                "verbose_name": "hệ số, mức tối đa, miễn",
                "verbose_name_plural": "hệ số, mức tối đa, miễn",
                "ordering": ["tariff", "id"],
            },
        ),
        migrations.AlterModelOptions(
            name="tariffline",
            options={"ordering": ["tariff", "id"], "verbose_name": "mức phí", "verbose_name_plural": "mức phí"},
        ),
        migrations.RemoveConstraint(
            model_name="tariff",
            name="one_tariff_a_day",
        ),
        migrations.RemoveConstraint(
            model_name="tariffline",
            name="price_is_not_negative",
        ),
        migrations.RemoveConstraint(
            model_name="tariffline",
            name="one_price_a_case",
        ),
        migrations.RemoveConstraint(
            model_name="tariffline",
            name="one_price_a_case_without_band",
        ),
        migrations.AddField(
            model_name="assessment",
            name="day",
            field=models.DateField(null=True, verbose_name="biểu phí của ngày"),
        ),
        migrations.AddField(
            model_name="assessment",
            name="direction",
            field=models.CharField(
                blank=True,
                choices=[("export", "Xuất khẩu"), ("import", "Nhập khẩu")],
                max_length=10,
                verbose_name="chiều",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="transshipment",
            field=models.CharField(
                blank=True,
                choices=[
                    ("carried", "Giữ hàng trên xe, không sang tải"),
                    ("received", "Nhận hàng sang tải"),
                    ("gave_part", "Đã sang một phần hàng cho xe khác"),
                    ("gave_all", "Đã sang hết hàng cho xe khác"),
                ],
                max_length=10,
                verbose_name="sang tải",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="volume",
            field=models.DecimalField(
                decimal_places=3, max_digits=14, null=True, verbose_name="thể tích hàng hóa (m³)"
            ),
        ),
        migrations.AddField(
            model_name="assessmentline",
            name="factor",
            field=models.DecimalField(decimal_places=4, default=Decimal("1"), max_digits=9, verbose_name="hệ số"),
        ),
        migrations.AddField(
            model_name="assessmentline",
            name="kind",
            field=models.CharField(
                choices=[("infrastructure", "Phí hạ tầng"), ("transshipment", "Phí sang tải")],
                default="infrastructure",
                max_length=20,
                verbose_name="loại phí",
            ),
        ),
        migrations.AddField(
            model_name="assessmentline",
            name="rules",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="bill",
            name="kind",
            field=models.CharField(
                choices=[("infrastructure", "Phí hạ tầng"), ("transshipment", "Phí sang tải")],
                default="infrastructure",
                max_length=20,
                verbose_name="loại phí",
            ),
        ),
        migrations.AddField(
            model_name="tariff",
            name="approved_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="tariff",
            name="approved_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tariffs_approved",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="tariff",
            name="authors",
            field=models.ManyToManyField(editable=False, related_name="tariffs_entered", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="tariff",
            name="changed_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AddField(
            model_name="tariff",
            name="end_proposed",
            field=models.DateField(editable=False, null=True, verbose_name="đề nghị kết thúc"),
        ),
        migrations.AddField(
            model_name="tariff",
            name="end_proposed_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="tariff",
            name="is_sample",
            field=models.BooleanField(default=False, editable=False, verbose_name="biểu mẫu để minh họa"),
        ),
        migrations.AddField(
            model_name="tariff",
            name="name_en",
            field=models.CharField(blank=True, max_length=200, verbose_name="tên biểu phí (tiếng Anh)"),
        ),
        migrations.AddField(
            model_name="tariff",
            name="name_zh",
            field=models.CharField(blank=True, max_length=200, verbose_name="tên biểu phí (tiếng Trung)"),
        ),
        migrations.AddField(
            model_name="tariff",
            name="proposed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="tariff",
            name="proposed_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tariffs_proposed",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="tariff",
            name="state",
            field=models.CharField(
                choices=[("draft", "bản nháp"), ("proposed", "chờ duyệt"), ("approved", "đã duyệt")],
                default="draft",
                editable=False,
                max_length=10,
                verbose_name="trạng thái",
            ),
        ),
        migrations.AddField(
            model_name="tariffline",
            name="direction",
            field=models.CharField(
                blank=True,
                choices=[("export", "Xuất khẩu"), ("import", "Nhập khẩu")],
                max_length=10,
                verbose_name="chiều",
            ),
        ),
        migrations.AddField(
            model_name="tariffline",
            name="kind",
            field=models.CharField(
                choices=[("infrastructure", "Phí hạ tầng"), ("transshipment", "Phí sang tải")],
                default="infrastructure",
                max_length=20,
                verbose_name="loại phí",
            ),
        ),
        migrations.AddField(
            model_name="tariffline",
            name="transshipment",
            field=models.CharField(
                blank=True,
                choices=[
                    ("carried", "Giữ hàng trên xe, không sang tải"),
                    ("received", "Nhận hàng sang tải"),
                    ("gave_part", "Đã sang một phần hàng cho xe khác"),
                    ("gave_all", "Đã sang hết hàng cho xe khác"),
                ],
                max_length=10,
                verbose_name="sang tải",
            ),
        ),
        migrations.AlterField(
            model_name="assessment",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("due", "phải nộp phí"),
                    ("free", "mức phí bằng không"),
                    ("exempt", "được miễn phí"),
                    ("no_goods", "xe không còn hàng hóa, phí tính cho xe nhận hàng"),
                    ("no_tariff", "chưa có biểu phí có hiệu lực"),
                    ("no_price", "biểu phí chưa có mức phí cho trường hợp này"),
                    ("no_payload", "chưa có trọng tải của phương tiện để xếp mức phí"),
                    ("no_weight", "chưa có trọng lượng hàng hóa để tính phí"),
                    ("no_volume", "chưa có thể tích hàng hóa để tính phí"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="assessmentline",
            name="unit",
            field=models.CharField(
                choices=[
                    ("vehicle", "xe"),
                    ("container", "container"),
                    ("tonne", "tấn"),
                    ("m3", "m³"),
                    ("tonne_m3", "tấn hoặc m³"),
                ],
                max_length=10,
                verbose_name="đơn vị tính",
            ),
        ),
        migrations.AlterField(
            model_name="tariffline",
            name="regime",
            field=models.CharField(
                blank=True,
                choices=[
                    ("ordinary", "Hàng hóa xuất nhập khẩu thông thường"),
                    ("transit", "Tạm nhập tái xuất, quá cảnh, kho ngoại quan"),
                    ("processing", "Hàng hóa gia công, sản xuất xuất khẩu, chuyển khẩu"),
                ],
                max_length=20,
                verbose_name="loại hình",
            ),
        ),
        migrations.AlterField(
            model_name="tariffline",
            name="unit",
            field=models.CharField(
                choices=[
                    ("vehicle", "xe"),
                    ("container", "container"),
                    ("tonne", "tấn"),
                    ("m3", "m³"),
                    ("tonne_m3", "tấn hoặc m³"),
                ],
                default="vehicle",
                max_length=10,
                verbose_name="đơn vị tính",
            ),
        ),
        migrations.RunSQL(SAMPLES_SO_FAR, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="tariff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "approved"), _negated=True),
                    ("is_sample", True),
                    models.Q(
                        ("approved_by__isnull", False),
                        ("proposed_by__isnull", False),
                        models.Q(("approved_by", models.F("proposed_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="tariff_is_approved_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="tariff",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("state", "approved")),
                expressions=[
                    ("province", "="),
                    (fees.models.tariff.DateRange("valid_from", "valid_to", models.Value("[]")), "&&"),
                ],
                name="one_tariff_a_day",
                violation_error_message="Thời gian này trùng với một biểu phí khác của tỉnh.",
            ),
        ),
        migrations.AddConstraint(
            model_name="tariffline",
            constraint=models.CheckConstraint(
                condition=models.Q(("price__gte", 0), ("price__lte", 1000000000)),
                name="price_is_not_negative",
                violation_error_message="Mức phí phải từ 0 đến một tỷ đồng.",
            ),
        ),
        migrations.AddConstraint(
            model_name="tariffline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("unit", "container"), _negated=True),
                    ("vehicle_type__in", ["20ft", "40ft"]),
                    _connector="OR",
                ),
                name="price_a_container_is_for_containers",
                violation_error_message="Mức phí theo container phải ghi loại container.",
            ),
        ),
        migrations.AddConstraint(
            model_name="tariffline",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("payload_from__isnull", False), ("payload_below__isnull", False), _connector="OR"),
                expressions=[
                    ("tariff", "="),
                    ("kind", "="),
                    ("goods_group", "="),
                    ("regime", "="),
                    ("direction", "="),
                    ("transshipment", "="),
                    ("vehicle_type", "="),
                    (fees.models.tariff.TonnesRange("payload_from", "payload_below"), "&&"),
                ],
                name="one_price_a_case",
                violation_error_message="Các khoảng trọng tải của cùng một trường hợp không được chồng lên nhau.",
            ),
        ),
        migrations.AddConstraint(
            model_name="tariffline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("payload_below__isnull", True), ("payload_from__isnull", True)),
                fields=("tariff", "kind", "goods_group", "regime", "direction", "transshipment", "vehicle_type"),
                name="one_price_a_case_without_band",
                violation_error_message="Trường hợp này đã có mức phí.",
            ),
        ),
        migrations.AddField(
            model_name="tariffrule",
            name="tariff",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rules",
                to="fees.tariff",
                verbose_name="biểu phí",
            ),
        ),
        migrations.AddConstraint(
            model_name="tariffrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("effect", "coefficient"),
                        ("factor__gt", 0),
                        ("factor__isnull", False),
                        ("factor__lte", 100),
                        ("most__isnull", True),
                    ),
                    models.Q(
                        ("charged_as", ""),
                        ("effect", "cap"),
                        ("factor__isnull", True),
                        ("most__gt", 0),
                        ("most__isnull", False),
                        ("most__lte", 1000000000),
                    ),
                    models.Q(
                        ("charged_as", ""),
                        ("effect", "exemption"),
                        ("factor__isnull", True),
                        ("most__isnull", True),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="tariff_rule_fits_its_effect",
            ),
        ),
        migrations.AddConstraint(
            model_name="tariffrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("payload_below__isnull", True),
                    ("payload_from__isnull", True),
                    ("payload_below__gt", models.F("payload_from")),
                    _connector="OR",
                ),
                name="rules_payload_band_ends_after_it_begins",
                violation_error_message="Trọng tải đến phải lớn hơn trọng tải từ.",
            ),
        ),
        migrations.AddConstraint(
            model_name="tariffrule",
            constraint=models.UniqueConstraint(
                fields=(
                    "tariff",
                    "effect",
                    "goods_group",
                    "regime",
                    "direction",
                    "transshipment",
                    "vehicle_type",
                    "payload_from",
                    "payload_below",
                    "reason",
                ),
                name="one_rule_a_case",
                nulls_distinct=False,
                violation_error_message="Quy định này đã có.",
            ),
        ),
    ]
