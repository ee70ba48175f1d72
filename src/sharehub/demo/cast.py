"""Whose day the demo follows: each invented company or person, with the role it plays in plain words."""

from typing import Final

from sharehub.demo.country import Company, company, ordinary_companies

CAST: Final[dict[str, Company]] = {
    "fraud": company("云溪瑞信商务咨询有限公司", "云溪市", "商务信息咨询"),
    "dyer": company("清河恒澜印染有限公司", "清河市", "纺织品染整加工"),
    "foundry": company("白石宏岭铸造有限公司", "白石市", "黑色金属铸造"),
    "kiln": company("云溪泰川砖瓦厂", "云溪市", "粘土砖瓦制造", "个人独资企业"),
    "tannery": company("白石永丰皮革有限公司", "白石市", "皮革鞣制加工"),
    "paper": company("云溪嘉林造纸有限公司", "云溪市", "机制纸及纸板制造"),
    "cement": company("白石启岳水泥有限公司", "白石市", "水泥制造"),
    "laundry": company("清河雅辰洗涤服务有限公司", "清河市", "洗涤服务"),
    "pharmacy": company("清河禾安大药房有限公司", "清河市", "药品零售"),
    "herbal": company("云溪和谷药材商行", "云溪市", "中药材购销", "个人独资企业"),
    "drugstore": company("白石联庆医药有限公司", "白石市", "药品零售"),
    "ride-expired": company("云溪远帆出行科技有限公司", "云溪市", "网络预约出租汽车经营"),
    "ride-ending": company("清河盛舟出行服务有限公司", "清河市", "网络预约出租汽车经营"),
    "ride-renewed": company("白石汇通约车服务有限公司", "白石市", "网络预约出租汽车经营"),
    "coach": company("清河兴原客运有限公司", "清河市", "道路旅客运输"),
    "haulier": company("白石昌达货运有限公司", "白石市", "道路货物运输"),
    "debtor": company("白石景图房地产开发有限公司", "白石市", "房地产开发经营"),
    "debtor-two": company("云溪博越装饰工程有限公司", "云溪市", "建筑装饰装修工程"),
    "debtor-unable": company("清河润野农业开发有限公司", "清河市", "蔬菜种植、销售"),
    "arrears": company("白石源晖矿业有限公司", "白石市", "石灰石开采"),
    "arrears-contested": company("清河宏信仓储有限公司", "清河市", "普通货物仓储服务"),
    "arrears-paid": company("云溪嘉庆酒店有限公司", "云溪市", "住宿服务"),
    "estate": company("清河安和物业服务有限公司", "清河市", "物业管理"),
    "estate-tidy": company("清河景和物业服务有限公司", "清河市", "物业管理"),
    "estate-early": company("清河宏谷物业服务有限公司", "清河市", "物业管理"),
}

WORDS: Final[dict[str, str]] = {
    "fraud": "registration obtained with false documents, revoked by a final decision",
    "dyer": "dye works, fined 2.365 million yuan for discharging through a hidden pipe",
    "foundry": "foundry, fined 80,000 yuan for missing dust covers",
    "kiln": "brick kiln, fined 50,000 yuan a year ago; the term ends within the month",
    "tannery": "tannery, fined 60,000 yuan in 2024; the term is over",
    "paper": "paper mill, fined 2.1 million yuan and under appeal",
    "cement": "cement works, a penalty is only proposed",
    "laundry": "laundry, warned",
    "pharmacy": "pharmacy, sold medicines without authorisation",
    "herbal": "herb dealer, sold medicines without authorisation",
    "drugstore": "chemist, fined for its stock book",
    "ride-expired": "ride-hailing operator, licence expired on 31 January",
    "ride-ending": "ride-hailing operator, licence ends on 31 March",
    "ride-renewed": "ride-hailing operator, licence renewed in time",
    "coach": "coach operator, licence valid",
    "haulier": "haulier, licence expired; no rule couples anything to it",
    "debtor": "developer, able to pay a judgment, three reminders served",
    "debtor-two": "decorator, able to pay a judgment, two reminders served",
    "debtor-unable": "farm, owes under a judgment and is not able to pay",
    "arrears": "quarry, uncontested tax arrears",
    "arrears-contested": "warehouse, contests its tax arrears",
    "arrears-paid": "hotel, tax arrears paid in full",
    "estate": "estate manager, fined for mixing sorted waste",
    "estate-tidy": "estate manager, fined for something else",
    "estate-early": "estate manager, fined a week before the pilot began",
}

PERSON: Final = "CN-PERSON:9901**********123X"
OFFICE: Final = "CN-OFFICE:990200-DJ-02"
EVERYONE: Final = 300


def companies() -> tuple[Company, ...]:
    """All companies of the country, those of the cast first."""
    return (*CAST.values(), *ordinary_companies(EVERYONE - len(CAST)))
